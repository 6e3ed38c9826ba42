import type { LabelledSet } from "@tandem/core/data";
import { withoutMasked } from "@tandem/core/presence";
import type { FitContext } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { openOwnData } from "./own-data";
import { createScriptedServer } from "./testing/scripted-server";
import { openSession, until } from "./testing/test-session";

/** So many captions of the one class that the scripted server has. */
const captions = (size: number, word = "mine"): LabelledSet => ({
  size,
  labels: new Int32Array(size),
  captions: Array.from({ length: size }, (_, i) => `${word} ${i}`),
});
const pictures = (size: number, side: number, grey = 7): LabelledSet => ({
  size,
  labels: new Int32Array(size),
  images: u8([size, side, side, 3], new Uint8Array(size * side * side * 3).fill(grey)),
});

type Options = Parameters<typeof openSession>[1] & {
  /** A public one. */
  readonly test?: LabelledSet;
  readonly train?: LabelledSet;
  readonly heldOut?: LabelledSet;
};

/** A session over a store with own data, with a server that deals none. */
async function openOwn({ test, train, heldOut, ...options }: Options = {}) {
  const server = await createScriptedServer();
  const { shard: _, test: __, ...offer } = server.offer(0);
  const bytes = test && encodeLabelledSet(test);
  const blob = bytes && { hash: await server.blobs.put(bytes), bytes: bytes.length };
  server.script.join = () => ({ ...offer, ...(blob && { test: blob }) });
  const store = createMemoryClientStore();
  const own = openOwnData(store, "task-a");
  await own.write({ train: train ?? captions(20), heldOut: heldOut ?? captions(5, "held") });
  const contexts: FitContext[] = [];
  const session = await openSession(server, {
    store,
    task: "task-a",
    fit: async (context) => void contexts.push(context),
    ...options,
  });
  return { server, own, session, contexts };
}

it("trains on its own samples, and measures on those that it holds out", async () => {
  const { server, session, contexts } = await openOwn();
  await session.start();
  expect(server.seen.joins[0].own).toEqual({ modality: "text", samples: 20, heldOut: 5 });
  expect(server.seen.samples).toEqual([20]);
  const { assignment, data, preview } = session.state();
  expect(assignment).toMatchObject({ samples: 20, measuredOn: "held-out", measuredSamples: 5 });
  expect(data).toEqual({ stored: true, bytes: 0 });
  expect(preview[0]).toEqual({ label: "cat", caption: "mine 0" });
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  expect(contexts[0].data.captions?.[19]).toBe("mine 19");
  expect(contexts[0].test.captions?.[4]).toBe("held 4");
  expect(server.seen.uploads[0].metrics).toEqual({ accuracy: 0.5 });
});

it("is measured on the public test set where there is one", async () => {
  const { server, session, contexts } = await openOwn({
    test: captions(3, "public"),
    heldOut: captions(2, "held"),
  });
  await session.start();
  expect(session.state().assignment).toMatchObject({ measuredOn: "public", measuredSamples: 3 });
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  expect(contexts[0].test.captions).toEqual(["public 0", "public 1", "public 2"]);
  expect(server.seen.uploads[0].metrics).toEqual({ accuracy: 0.5 });
});

it("is measured on the test samples alone that have what it holds", async () => {
  const test = withoutMasked(
    { ...pictures(3, 8), captions: ["a", "b", "c"] },
    { text: Uint8Array.of(1, 0, 1) },
  );
  const { session } = await openOwn({ test });
  await session.start();
  expect(session.state().assignment?.measuredSamples).toBe(2);
  const none = await openOwn({ test: pictures(3, 8) });
  await expect(none.session.start()).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(/no sample of the kind that text clients hold/),
  });
});

it("of too few held-out samples the owner alone hears what they say", async () => {
  const { server, session } = await openOwn({
    heldOut: captions(4, "held"),
    metrics: { accuracy: 0.25, "accuracy/text": 0.25, loss: 1 },
  });
  await session.start();
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  expect(session.state().history[0].accuracy).toBe(0.25);
  expect(server.seen.uploads[0].metrics).toEqual({ loss: 1 });
});

it("goes on over a new connection with what it began with, and takes what is new when it begins again", async () => {
  const { server, own, session } = await openOwn();
  await session.start();
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  await own.write({ train: captions(30), heldOut: captions(6, "held") });
  session.flaky.drop();
  session.flaky.restore();
  await until(() => server.seen.samples.length === 2);
  expect(server.seen.samples).toEqual([20, 20]);
  expect(server.seen.joins[1].own).toEqual(server.seen.joins[0].own);
  const again = await openSession(server, { store: session.store, task: "task-a" });
  await again.start();
  expect(server.seen.joins[2]).toMatchObject({
    token: "token-of-client-0",
    own: { samples: 30, heldOut: 6 },
  });
  expect(again.state().history).toHaveLength(1);
});

it("does not join without its data, and says what to do", async () => {
  const { server, own, session } = await openOwn();
  await own.remove();
  await expect(session.start()).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringMatching(/add your samples, then join again/),
  });
  expect(server.seen.joins).toEqual([]);
});

it.each([
  [
    "is of a class that the study has not",
    { train: { ...captions(2), labels: Int32Array.of(0, 1) } },
    /class 2, and the study has 1: bring/,
  ],
  [
    "has pictures of two sizes",
    { train: pictures(4, 16), heldOut: pictures(4, 16, 9), test: pictures(1, 8) },
    /16 pixels a side, and the study's 8: bring/,
  ],
] as const)("own data that %s is not trained on", async (_, options, message) => {
  const { session } = await openOwn(options);
  await expect(session.start()).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(message),
  });
});

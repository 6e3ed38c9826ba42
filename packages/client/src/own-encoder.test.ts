import { encoder } from "@tandem/datasets/testing/fruit-task";
import type { JoinReply } from "@tandem/protocol/events";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { type OwnEncoder, openOwnEncoder } from "./own-encoder";
import { createScriptedServer } from "./testing/scripted-server";
import { openSession, until } from "./testing/test-session";

const { url: _, ...pinned } = encoder;
const brought = (): OwnEncoder => ({
  files: { "model.json": Uint8Array.of(123, 125), "deep/w.bin": Uint8Array.of(1, 2, 3) },
  manifest: "model.json",
  pinned,
});

it("is kept with its files and its format, until it is removed", async () => {
  const store = createMemoryClientStore();
  const own = openOwnEncoder(store, "e1");
  expect(await own.read()).toBeUndefined();
  await own.write(brought());
  expect(await own.read()).toEqual(brought());
  expect(await openOwnEncoder(store, "e2").read()).toBeUndefined();
  const [key] = await store.keys();
  await store.set(key, (await store.get(key))?.slice(0, -2) ?? new Uint8Array());
  await expect(own.read()).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/Remove it and bring it again/),
  });
  await own.remove();
  expect(await own.read()).toBeUndefined();
});

/** A session whose server has every model of pictures train what its participant brings. */
async function open(store = createMemoryClientStore()) {
  const server = await createScriptedServer();
  server.script.join = (request): JoinReply => ({
    ...(server.offer(0) as JoinReply),
    architecture: request.ownEncoder ? "own-layers" : "any",
  });
  const opened: unknown[] = [];
  const session = await openSession(server, {
    store,
    onEncoder: (encoder) => opened.push(encoder),
  });
  return { server, session, opened, store };
}

it("whoever joins while it is there trains it, and nothing of it is asked of or told to anybody", async () => {
  const store = createMemoryClientStore();
  await openOwnEncoder(store, "e1").write(brought());
  const { server, session, opened } = await open(store);
  await session.start();
  expect(server.seen.joins[0].ownEncoder).toBe(true);
  expect(JSON.stringify(server.seen.joins)).not.toContain(pinned.sha256);
  expect(opened).toEqual([brought()]);
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
});

it("what another encoder has learned is not gone on with", async () => {
  const store = createMemoryClientStore();
  const own = openOwnEncoder(store, "e1");
  await own.write(brought());
  const first = await open(store);
  await first.session.start();
  await first.server.instruct(1);
  await until(() => first.session.state().history.length === 1);
  const same = await open(store);
  await same.session.start();
  expect(same.session.state().history).toHaveLength(1);
  await own.write({ ...brought(), pinned: { ...pinned, layer: "earlier" } });
  const other = await open(store);
  await other.session.start();
  expect(other.session.state().history).toHaveLength(0);
  await own.remove();
  const { server, session, opened } = await open(store);
  await session.start();
  expect(server.seen.joins[0]).not.toHaveProperty("ownEncoder");
  expect(opened).toEqual([]);
});

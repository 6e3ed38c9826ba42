import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { initialRound } from "@tandem/coordinator/round/round-state";
import { experiment } from "@tandem/coordinator/testing/world";
import { noLabels } from "@tandem/core/experiment";
import { clientId, experimentId } from "@tandem/core/ids";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { ExperimentView } from "@tandem/protocol/view";
import { connectSocket } from "@tandem/transport/socket-client";
import { expect, onTestFinished, test } from "vitest";
import { createFeed, follow } from "../lib/live/experiment-feed";
import { openServer } from "./testing/open-server";

const id = experimentId("long");
const [rounds, clients] = [300, 200];

/** A server with an experiment that has ended after 300 rounds, in which 200 clients took part. */
async function withLongRun() {
  const server = await openServer();
  const { store } = server;
  const config = experimentConfig.parse(experiment({ rounds, slots: 64 }));
  const state = { ...initialRound, status: "finished", phase: "evaluating", round: rounds };
  await store.create({
    ...{ ...noLabels, id, config, status: "draft", state: {}, sequence: 0 },
    ...{ createdAt: 1, updatedAt: 1 },
  });
  await store.commit(id, {
    experiment: { status: "finished", updatedAt: 2, state: JSON.parse(JSON.stringify(state)) },
    clients: Array.from({ length: clients }, (_, i) => ({
      ...{ id: clientId(`c${i}`), tokenHash: `hash ${i}`, slot: i % 64, name: `Guest ${i}` },
      ...{ modality: "image", architecture: "small", samples: 40, source: "noto" },
      ...{ device: "wasm", joinedAt: i, leftAt: 1000 + i, bytesUp: 10, bytesDown: 20 },
    })),
    rounds: Array.from({ length: rounds }, (_, i) => ({
      ...{ round: i + 1, phases: [{ phase: "collecting", at: i }], endedAt: i + 1 },
      ...{ cohort: [], uploads: 20, refused: 0, bytesUp: 1000, bytesDown: 2000 },
    })),
    metrics: Array.from({ length: rounds }, (_, i) => ({
      round: i + 1,
      metrics: Object.fromEntries(
        ["accuracy/mean", "accuracy/std", "teacher/promptAccuracy"].map((name) => [name, i / 300]),
      ),
    })),
  });
  return server;
}

/** A way to the server that can be cut, and mended. */
async function wayTo(port: number) {
  const open = new Set<Socket>();
  let isCut = false;
  const way = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      open.add(from.on("error", () => {}).on("close", () => to.destroy()));
      from.pipe(to);
    }
  });
  await once(way.listen(0, "127.0.0.1"), "listening");
  const mend = () => {
    isCut = false;
  };
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    way.close();
    cut();
  });
  return { url: `http://127.0.0.1:${(way.address() as AddressInfo).port}`, cut, mend };
}

/** A page that follows it, and the bytes of each view and change that it was sent. */
function openPage({ url }: { readonly url: string }) {
  const channel = connectSocket({ url });
  const feed = createFeed({ id } as ExperimentView); // the first that is told replaces it
  const heard: { readonly what: "view" | "change"; readonly bytes: number }[] = [];
  for (const what of ["view", "change"] as const)
    channel.on(what, (body) => heard.push({ what, bytes: JSON.stringify(body).length }));
  onTestFinished(follow(feed, channel));
  return { view: () => feed.getState().view, connection: () => feed.getState().connection, heard };
}

test("a long run is sent once, then what changes in it; whoever comes back sees what a new page does", async () => {
  const server = await withLongRun();
  const way = await wayTo(server.port);
  const page = openPage(way);
  const fresh = async () => {
    const { heard, view } = openPage(server);
    await expect.poll(() => heard.map(({ what }) => what)).toEqual(["view"]);
    return view();
  };
  await expect.poll(() => page.view().rounds?.length).toBe(rounds);
  const label = (body: object) =>
    fetch(`${server.url}/api/experiments/${id}/labels`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  expect((await label({ note: "a note", group: "a group" })).status).toBe(200);
  await expect.poll(() => page.view().note).toBe("a note");
  expect((await label({ group: null })).status).toBe(200);
  await expect.poll(() => page.view().group).toBeNull();
  const [whole, ...changes] = page.heard;
  expect(whole.what).toBe("view");
  expect(whole.bytes).toBeGreaterThan(80_000);
  expect(changes.map(({ what }) => what)).toEqual(["change", "change"]);
  for (const { bytes } of changes) expect(bytes).toBeLessThan(300);
  expect(page.view()).toEqual(await fresh());

  way.cut();
  await expect.poll(page.connection).toBe("lost");
  expect((await label({ note: "while it was away", tags: ["late"] })).status).toBe(200);
  const before = page.heard.length;
  way.mend();
  await expect.poll(() => page.view().tags).toEqual(["late"]);
  expect(page.heard.slice(before).map(({ what }) => what)).toEqual(["view"]);
  expect((await label({ note: "" })).status).toBe(200);
  await expect.poll(() => page.view().note).toBe("");
  expect(page.heard.at(-1)?.what).toBe("change");
  expect(page.view()).toEqual(await fresh());
});

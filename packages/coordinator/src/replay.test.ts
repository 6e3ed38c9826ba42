import { blobHash } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";
import { encodePayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { replay } from "./replay";
import { begin, counterServer, createWorld } from "./testing/world";

async function played() {
  const world = createWorld();
  const { id, ended } = await begin(world, [undefined, undefined, undefined]);
  await ended();
  const { blobs } = world;
  const again = async (store: ExperimentStore = world.store) =>
    replay({
      store,
      blobs,
      record: await store.get(id),
      server: counterServer,
      classes: ["cat", "dog"],
    });
  return { ...world, id, again };
}

it("every step of the server gives the stored bytes again", async () => {
  const { again } = await played();
  // Three rounds of prepare, conclude and teach.
  const { taken, ...found } = await again();
  expect(found).toEqual({ steps: 9, differing: [], isSameState: true });
  expect(Array.from(taken, (upload) => upload.split("/")[0]).sort()).toEqual([..."111222333"]);
});

it("an aggregate of other uploads than the logged ones is found", async () => {
  const { again, store, blobs, id } = await played();
  const events = await store.events(id);
  const at = events.findIndex(({ event }) => event.type === "uploaded");
  const { hash } = events[at].event as { readonly hash: string };
  const upload = await unpackPayload(await blobs.get(blobHash(hash)));
  const other = await blobs.put(encodePayload({ ...upload, meta: { value: 1000 } }));
  const swapped = events.map((record, i) =>
    i === at ? { ...record, event: { ...record.event, hash: other } } : record,
  );
  const found = await again({ ...store, events: async () => swapped });
  const { sequence } = events.find(({ event }) => event.type === "aggregated") ?? {};
  expect(found.differing).toEqual([{ sequence, type: "aggregated" }]);
});

it("a log that lacks an event does not lead to the stored state", async () => {
  const { again, store, id } = await played();
  const events = (await store.events(id)).filter(({ event }) => event.type !== "evaluated");
  expect((await again({ ...store, events: async () => events })).isSameState).toBe(false);
});

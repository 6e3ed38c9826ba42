import type { ServerHalf } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import { decodeSheet, encodeSheet } from "@tandem/protocol/sheet";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { expect, it } from "vitest";
import { begin, counterServer, createWorld } from "./testing/world";

/** Two pictures of 1 x 1, whose red tells the round. */
const picturesOf = (round: number) => u8([2, 1, 1, 3], [round, 10, 20, round, 30, 40]);
const showing: ServerHalf = {
  ...counterServer,
  prepare: async ({ meta }, { round }) => ({
    state: { arrays: { images: picturesOf(round) }, meta, encoding: { images: "png" } },
    metrics: {},
  }),
  conclude: async (state, sum, env) => {
    const { metrics, state: counted } = await counterServer.conclude(state, sum, env);
    return { state: { ...state, meta: counted.meta }, metrics };
  },
  teach: async (state) => ({ state, metrics: {} }),
  gallery: ({ meta }) => ({
    images: "images",
    items: [0, 1].map((label) => ({ prompt: `${meta.total}`, label })),
    ...(meta.total === 12 && { lessons: { images: "images", prompts: ["dog"], rounds: [0, 1] } }),
  }),
  adapter: ({ arrays }) => arrays,
};

/** Two rounds that have ended, their states, and which blobs are read from then on. */
async function played() {
  const memory = createMemoryBlobs();
  const disk = { loads: [] as (string | undefined)[], fails: false };
  const get: typeof memory.get = async (hash) => {
    disk.loads.push(hash);
    if (disk.fails) throw new Error("the disk does not answer");
    return memory.get(hash);
  };
  const world = createWorld({ blobs: { ...memory, get }, server: showing });
  const answers = [undefined, undefined, undefined];
  const { coordinator, id, ended } = await begin(world, answers, { rounds: 2 });
  await ended();
  disk.loads.length = 0;
  const states = (await world.store.rounds(id)).map(({ stateHash }) => stateHash);
  return { coordinator, id, disk, states };
}

const images = { of: "images" } as const;

it("list, sheet and adapter of a round read its state once, however often they are asked for", async () => {
  const { coordinator, id, disk, states } = await played();
  const [shown, sheet] = await Promise.all([
    coordinator.gallery(id, 2),
    coordinator.sheet(id, 2, images),
  ]);
  // Rounds add 1 + 2 + 3 each.
  expect(shown.gallery.items.map(({ prompt }) => prompt)).toEqual(["12", "12"]);
  expect(shown).toMatchObject({ shape: [2, 1, 1, 3], pictures: states[1]?.slice(0, 16) });
  expect(decodeSheet(sheet, [2, 1, 1, 3])).toEqual(picturesOf(2));
  expect(await coordinator.sheet(id, 2, images)).toBe(sheet);
  expect(await coordinator.adapter(id, 2)).toEqual({ images: picturesOf(2) });
  expect(disk.loads).toEqual([states[1]]);
});

it("each round is shown as it is, and read no second time", async () => {
  const { coordinator, id, disk, states } = await played();
  for (const round of [1, 2, 1])
    expect(decodeSheet(await coordinator.sheet(id, round, images), [2, 1, 1, 3])).toEqual(
      picturesOf(round),
    );
  expect(disk.loads).toEqual([states[0], states[1]]);
});

it("lessons are a sheet of their own, where a round has some, and so is a row of them", async () => {
  const { coordinator, id } = await played();
  expect((await coordinator.gallery(id, 2)).lessonsShape).toEqual([2, 1, 1, 3]);
  const sheet = await coordinator.sheet(id, 2, { of: "lessons" });
  expect(decodeSheet(sheet, [2, 1, 1, 3])).toEqual(picturesOf(2));
  const rowOf = async (row: "base" | "latest") => [
    ...decodeSheet(await coordinator.sheet(id, 2, { of: "lessons", row }), [1, 1, 1, 3]).data,
  ];
  expect([await rowOf("base"), await rowOf("latest")]).toEqual([
    [2, 10, 20],
    [2, 30, 40],
  ]);
  await expect(coordinator.sheet(id, 1, { of: "lessons" })).rejects.toMatchObject({
    code: "not-found",
  });
});

it("a part of a sheet has the pictures that are its own, and there is none beyond the last", async () => {
  const { coordinator, id } = await played();
  const part = await coordinator.sheet(id, 1, { of: "images", part: 0 });
  expect(part).toEqual(encodeSheet(picturesOf(1)));
  await expect(coordinator.sheet(id, 1, { of: "images", part: 1 })).rejects.toThrow(
    "Round 1 has no such part: it has 2 pictures.",
  );
});

it("a state that could not be read is tried again", async () => {
  const { coordinator, id, disk, states } = await played();
  disk.fails = true;
  await expect(coordinator.gallery(id, 1)).rejects.toThrow("disk");
  disk.fails = false;
  expect((await coordinator.gallery(id, 1)).shape).toEqual([2, 1, 1, 3]);
  expect(disk.loads).toEqual([states[0], states[0]]);
});

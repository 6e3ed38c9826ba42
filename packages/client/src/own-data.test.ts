import "fake-indexeddb/auto";
import type { LabelledSet } from "@tandem/core/data";
import type { TandemError } from "@tandem/core/errors";
import { blobHash, clientId } from "@tandem/core/ids";
import type { ClientStore } from "@tandem/core/stores";
import { f32, u8 } from "@tandem/core/tensor";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { encodeStudy } from "./kept-study";
import { modalityOf, type OwnData, openOwnData } from "./own-data";
import { openClientMemory } from "./stored-context";

const labels = Int32Array.from({ length: 10 }, (_, i) => i % 2);
const pictures = (side: number) =>
  u8(
    [10, side, side, 3],
    Uint8Array.from({ length: 30 * side * side }, (_, i) => (7 * i) % 251),
  );
const captions = Array.from({ length: 10 }, (_, i) => `sample ${i} 🙂`);
const kinds: Record<string, LabelledSet> = {
  image: { size: 10, labels, images: pictures(16) },
  text: { size: 10, labels, captions },
  "image-text": { size: 10, labels, images: pictures(16), captions },
};

const splitOf = (set: LabelledSet) => openOwnData(createMemoryClientStore(), "task-a").keep(set);
const key = "own/task-a";

let databases = 0;
const stores: [string, () => Promise<ClientStore>][] = [
  ["memory", async () => createMemoryClientStore()],
  ["IndexedDB", () => openIndexedDbClientStore(`own-data-${databases++}`)],
];

describe.each(stores)("own data in %s", (_, open) => {
  let store: ClientStore;
  beforeEach(async () => {
    store = await open();
  });
  const refused = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message) });

  it.each(Object.entries(kinds))("of %s comes back as it was written", async (kind, set) => {
    const own = openOwnData(store, "task-a");
    expect([await own.read(), await own.bytes()]).toEqual([undefined, undefined]);
    await own.write(await splitOf(set));
    expect(await own.bytes()).toBe((await store.get(key))?.length);
    const read = await own.read();
    expect(read).toEqual(await splitOf(set));
    expect([read?.train.size, read?.heldOut.size]).toEqual([8, 2]);
    expect(read && modalityOf(read)).toBe(kind);
    expect(await openOwnData(store, "task-b").read()).toBeUndefined();
    const kept = await own.keep(firstOf(set, 7));
    expect(await own.read()).toEqual(kept);
    expect(kept.train.size + kept.heldOut.size).toBe(7);
    await own.remove();
    expect(await own.read()).toBeUndefined();
    expect(await store.keys()).toEqual([]);
  });

  it("of which one bit has rotted anywhere, or the end is missing, is corrupt", async () => {
    const own = openOwnData(store, "task-a");
    await own.keep(kinds["image-text"]);
    const bytes = (await store.get(key)) ?? new Uint8Array();
    for (let at = 0; at < bytes.length; at += 61) {
      await store.set(key, bytes.with(at, bytes[at] ^ 4));
      await expect(own.read(), `byte ${at}`).rejects.toEqual(refused("corrupt", /add it again/));
    }
    await store.set(key, bytes.subarray(0, -5));
    await expect(own.read()).rejects.toEqual(refused("corrupt", /add it again/));
  });

  it("that is of two kinds, blank or empty is not written", async () => {
    const own = openOwnData(store, "task-a");
    const { train, heldOut } = await splitOf(kinds.image);
    const small = await splitOf({ ...kinds.image, images: pictures(8) });
    const wrong: [unknown, RegExp][] = [
      [{ train, heldOut: (await splitOf(kinds.text)).heldOut }, /not of one kind/],
      [{ train, heldOut: small.heldOut }, /not of one kind/],
      [{ train: { size: 2, labels: labels.subarray(8) }, heldOut }, /neither pictures nor/],
      [{ train: { size: 0, labels: new Int32Array(), captions: [] }, heldOut }, /no sample/],
    ];
    for (const [data, message] of wrong)
      await expect(own.write(data as never)).rejects.toThrow(message);
    expect(await store.keys()).toEqual([]);
  });
});

describe("what is held out of own data", () => {
  const textsOf = (of: readonly (readonly [number, number])[]): LabelledSet => ({
    size: of.length,
    labels: Int32Array.from(of, ([, label]) => label),
    captions: of.map(([id]) => `text ${id}`),
  });
  const count = (from: number, to: number, label = 0) =>
    Array.from({ length: to - from }, (_, i) => [from + i, label] as const);

  it("is never trained on, and the other way round, however data is brought again", async () => {
    const step = fc.record({
      ids: fc.uniqueArray(fc.tuple(fc.nat(60), fc.nat(2)), {
        minLength: 12,
        maxLength: 50,
        selector: ([id]) => id,
      }),
      isRemoved: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
        const store = createMemoryClientStore();
        const own = openOwnData(store, "task-a");
        await store.set("exp-1/0/study", studyOf("task-a")); // a model has trained on it
        const seen = new Map<string, boolean>();
        for (const { ids, isRemoved } of steps) {
          if (isRemoved) await own.remove();
          const kept = await own.keep(textsOf(ids)).catch((error: TandemError) => {
            expect(error.message).toMatch(/have been held back before/);
            return undefined;
          });
          expect(kept && kept.train.size + kept.heldOut.size).toBe(kept && ids.length);
          for (const [text, isHeldOut] of kept ? sidesOf(kept) : []) {
            expect(seen.get(text) ?? isHeldOut, text).toBe(isHeldOut);
            seen.set(text, isHeldOut);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is forgotten once neither data nor a model is kept, whichever goes last", async () => {
    const store = createMemoryClientStore();
    const own = openOwnData(store, "task-a");
    const memory = openClientMemory(store, { experiment: "exp-1", identity: 0 });
    const start = async () => {
      await own.keep(textsOf(count(0, 10)));
      await store.set("exp-1/0/study", studyOf("task-a"));
    };
    await start();
    await own.remove();
    expect(await store.keys()).toContain("own-sides/task-a");
    await memory.clear();
    expect(await store.keys()).toEqual([]);
    await start();
    await memory.clear();
    expect(await store.keys()).toContain("own-sides/task-a");
    await own.remove();
    expect(await store.keys()).toEqual([]);
    await start();
    await store.set("exp-1/0/study", Uint8Array.of(1)); // of whatever task
    await own.remove();
    expect(await store.keys()).toContain("own-sides/task-a");
  });

  it("is known of data from before it was written down", async () => {
    const store = createMemoryClientStore();
    const own = openOwnData(store, "task-a");
    const before = await own.keep(textsOf(count(0, 10)));
    await store.delete("own-sides/task-a");
    const after = await own.keep(textsOf(count(0, 40)));
    const now = new Map(sidesOf(after));
    for (const [text, isHeldOut] of sidesOf(before)) expect(now.get(text)).toBe(isHeldOut);
    expect(after.heldOut.size).toBe(8);
  });

  it("cannot be written on the other side, nor on both", async () => {
    const own = openOwnData(createMemoryClientStore(), "task-a");
    const { train, heldOut } = await own.keep(textsOf(count(0, 10)));
    await expect(own.write({ train: heldOut, heldOut: train })).rejects.toMatchObject({
      code: "conflict",
    });
    const twice = textsOf([...count(50, 55), [50, 0]]);
    const half = textsOf(count(50, 51));
    await expect(own.write({ train: twice, heldOut: half })).rejects.toThrow(/keep it on one side/);
    expect((await own.read())?.train.size).toBe(8);
    await expect(own.keep(heldOut)).rejects.toThrow(/have been held back before.*add others/);
  });

  it("that cannot be told any more is no reason to split anew", async () => {
    const store = createMemoryClientStore();
    const own = openOwnData(store, "task-a");
    await own.keep(textsOf(count(0, 10)));
    const bytes = (await store.get("own-sides/task-a")) ?? new Uint8Array();
    for (const rotten of [bytes.with(-3, bytes[bytes.length - 3] ^ 1), bytes.subarray(0, -1)]) {
      await store.set("own-sides/task-a", rotten);
      await expect(own.keep(textsOf(count(0, 12)))).rejects.toMatchObject({ code: "corrupt" });
    }
  });
});

it("what a browser cannot keep is refused before it is packed", async () => {
  const store = createMemoryClientStore();
  const own = openOwnData(store, "task-a");
  const size = 2 ** 14 + 1;
  const pictures = {
    size,
    labels: new Int32Array(size),
    images: u8([size, 2, 2, 3], new Uint8Array(size * 12)),
    features: f32([size, 4096], new Float32Array(size * 4096)),
  };
  await expect(own.keep(pictures)).rejects.toMatchObject({
    code: "too-large",
    message: expect.stringMatching(
      /would take 268 MB, and 268 MB are the most: take out about 1 of your 16385/,
    ),
  });
  const long = Array.from({ length: 20 }, (_, i) => `${i}${"x".repeat(500_000)}`);
  const texts = { size: 20, labels: new Int32Array(20), captions: long };
  await expect(own.keep(texts)).rejects.toThrow(
    /texts have 10000030 characters, and 8388608 characters are the most: take out about 4 of your 20/,
  );
  const fitting = { size: 16, labels: new Int32Array(16), captions: long.slice(0, 16) };
  expect((await own.keep(fitting)).train.captions?.[0].length).toBeGreaterThan(500_000);
  expect(await own.read()).toBeDefined();
});

const firstOf = ({ images, captions, labels }: LabelledSet, size: number): LabelledSet => ({
  size,
  labels: labels.slice(0, size),
  ...(images && {
    images: u8(
      [size, ...images.shape.slice(1)],
      images.data.slice(0, (images.data.length / 10) * size),
    ),
  }),
  ...(captions && { captions: captions.slice(0, size) }),
});

const sidesOf = ({ train, heldOut }: OwnData): readonly (readonly [string, boolean])[] => [
  ...(train.captions ?? []).map((text) => [text, false] as const),
  ...(heldOut.captions ?? []).map((text) => [text, true] as const),
];

const studyOf = (task: string) =>
  encodeStudy({
    joined: {
      ok: true,
      client: clientId("p0000"),
      token: "a-token-of-16-and-more",
      slot: 0,
      seed: 1,
      experimentName: "Fruit",
      strategy: "local",
      strategyConfig: {},
      dataset: task,
      classes: ["apple", "pear"],
      rounds: 1,
      modality: "text",
      architecture: "bag",
      task: "classification",
      source: "own data",
      vocabulary: { hash: blobHash("0".repeat(64)), bytes: 1 },
    },
    task,
  });

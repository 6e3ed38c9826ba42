import "fake-indexeddb/auto";
import type { LabelledSet } from "@tandem/core/data";
import { heldOutSplit } from "@tandem/core/held-out";
import type { ClientStore } from "@tandem/core/stores";
import { u8 } from "@tandem/core/tensor";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { beforeEach, describe, expect, it } from "vitest";
import { modalityOf, openOwnData } from "./own-data";

const labels = Int32Array.from({ length: 10 }, (_, i) => i % 2);
const pictures = (side: number) =>
  u8(
    [10, side, side, 3],
    Uint8Array.from({ length: 30 * side * side }, (_, i) => (7 * i) % 256),
  );
const captions = Array.from({ length: 10 }, (_, i) => `sample ${i} 🙂`);
const kinds: Record<string, LabelledSet> = {
  image: { size: 10, labels, images: pictures(16) },
  text: { size: 10, labels, captions },
  "image-text": { size: 10, labels, images: pictures(16), captions },
};

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
    await own.write(heldOutSplit(set, 1));
    expect(await own.bytes()).toBe((await store.get((await store.keys())[0]))?.length);
    const read = await own.read();
    expect(read).toEqual(heldOutSplit(set, 1));
    expect(read && modalityOf(read)).toBe(kind);
    expect(await openOwnData(store, "task-b").read()).toBeUndefined();
    await own.write(heldOutSplit(set, 2));
    expect(await own.read()).toEqual(heldOutSplit(set, 2));
    await own.remove();
    expect(await own.read()).toBeUndefined();
    expect(await store.keys()).toEqual([]);
  });

  it("of which one bit has rotted anywhere, or the end is missing, is corrupt", async () => {
    const own = openOwnData(store, "task-a");
    await own.write(heldOutSplit(kinds["image-text"], 1));
    const [key] = await store.keys();
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
    const { train, heldOut } = heldOutSplit(kinds.image, 1);
    const small = heldOutSplit({ ...kinds.image, images: pictures(8) }, 1);
    const wrong: [unknown, RegExp][] = [
      [{ train, heldOut: heldOutSplit(kinds.text, 1).heldOut }, /not of one kind/],
      [{ train, heldOut: small.heldOut }, /not of one kind/],
      [{ train: { size: 2, labels: labels.subarray(8) }, heldOut }, /neither pictures nor/],
      [{ train: { size: 0, labels: new Int32Array(), captions: [] }, heldOut }, /no sample/],
    ];
    for (const [data, message] of wrong)
      await expect(own.write(data as never)).rejects.toThrow(message);
    expect(await store.keys()).toEqual([]);
  });
});

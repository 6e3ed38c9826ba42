import { TandemError } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { storeWithOverflow } from "./store-with-overflow";

/** A store of so many bytes, as browsers have. */
function limited(bytes: number): ClientStore {
  const inner = createMemoryClientStore();
  return {
    ...inner,
    async set(key, value) {
      let used = 0;
      for (const other of await inner.keys())
        if (other !== key) used += (await inner.get(other))?.length ?? 0;
      if (used + value.length > bytes) throw new TandemError("full", "no room");
      await inner.set(key, value);
    },
  };
}
const bytesOf = (length: number, value = 1) => new Uint8Array(length).fill(value);

it("drops downloads for what cannot be had again, and says nothing", async () => {
  const inner = limited(10);
  const said: string[] = [];
  const store = storeWithOverflow(inner, createMemoryClientStore(), () => said.push("full"));
  await store.set("blob/a", bytesOf(6));
  await store.set("e/0/context", bytesOf(8));
  expect(await inner.get("e/0/context")).toEqual(bytesOf(8));
  expect(await store.get("blob/a")).toBeUndefined();
  expect(said).toEqual([]);
});

it("keeps in memory what has no room at all, says so once, and lets no older version return", async () => {
  const inner = limited(10);
  const said: string[] = [];
  const store = storeWithOverflow(inner, createMemoryClientStore(), () => said.push("full"));
  await store.set("e/0/context", bytesOf(5, 1));
  const value = bytesOf(20, 2);
  await store.set("e/0/context", value);
  value.fill(3);
  await store.set("e/0/history", bytesOf(11));
  expect(await store.get("e/0/context")).toEqual(bytesOf(20, 2));
  expect((await store.keys()).toSorted()).toEqual(["e/0/context", "e/0/history"]);
  expect(await inner.get("e/0/context")).toBeUndefined();
  expect(said).toEqual(["full"]);
  await store.set("e/0/context", bytesOf(3, 4)); // there is room again
  expect(await inner.get("e/0/context")).toEqual(bytesOf(3, 4));
  await store.delete("e/0/history");
  expect(await store.keys()).toEqual(["e/0/context"]);
});

it("does not hide other failures", async () => {
  const broken = { ...limited(10), set: () => Promise.reject(new Error("disk")) };
  const store = storeWithOverflow(broken, createMemoryClientStore(), () => {});
  await expect(store.set("a", bytesOf(1))).rejects.toThrow("disk");
});

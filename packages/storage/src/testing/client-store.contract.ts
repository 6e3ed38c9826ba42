import type { ClientStore } from "@tandem/core/stores";
import { beforeEach, describe, expect, it } from "vitest";

/** What every driver of `ClientStore` must do; `open` gives an empty store. */
export function clientStoreContract(name: string, open: () => Promise<ClientStore>): void {
  describe(`${name} as a client store`, () => {
    let store: ClientStore;
    beforeEach(async () => {
      store = await open();
    });

    it("knows nothing of a key that was never set", async () => {
      expect(await store.get("shard")).toBeUndefined();
      expect(await store.keys()).toEqual([]);
      await store.delete("shard");
    });

    it("gives back the last value of a key", async () => {
      await store.set("weights", Uint8Array.of(1, 2));
      await store.set("weights", Uint8Array.of(3));
      expect(await store.get("weights")).toEqual(Uint8Array.of(3));
    });

    it("lists keys in order and forgets deleted ones", async () => {
      for (const key of ["b", "a", "B"]) await store.set(key, new Uint8Array());
      expect(await store.keys()).toEqual(["B", "a", "b"]);
      await store.delete("a");
      expect(await store.keys()).toEqual(["B", "b"]);
      expect(await store.get("a")).toBeUndefined();
    });

    it("keeps the bytes that a view shows, and none beside them", async () => {
      await store.set("view", new Uint8Array(1000).fill(7).subarray(10, 12));
      const back = await store.get("view");
      expect(back).toEqual(Uint8Array.of(7, 7));
      expect(back?.buffer.byteLength).toBe(2);
    });

    it("shares no memory with its callers", async () => {
      const bytes = Uint8Array.of(1);
      await store.set("key", bytes);
      bytes[0] = 2;
      (await store.get("key"))?.fill(3);
      expect(await store.get("key")).toEqual(Uint8Array.of(1));
    });
  });
}

import type { KeyStore } from "@tandem/core/stores";
import { createKeyPair, deviceKeyOf } from "@tandem/protocol/device-key";
import { describe, expect, it } from "vitest";

/** What every driver of `KeyStore` must do; `open` gives an empty store. */
export function keyStoreContract(name: string, open: () => Promise<KeyStore>): void {
  describe(`${name} as a key store`, () => {
    it("gives back the last pair of a name, which signs and cannot be read", async () => {
      const store = await open();
      expect(await store.get("e/0")).toBeUndefined();
      const [first, second] = [await createKeyPair(), await createKeyPair()];
      await store.set("e/0", first);
      await store.set("e/0", second);
      const kept = await store.get("e/0");
      if (!kept) throw new Error("nothing is kept");
      expect(kept.privateKey.extractable).toBe(false);
      const key = await deviceKeyOf(kept);
      expect(key.public).toBe((await deviceKeyOf(second)).public);
      const signature = Buffer.from(await key.sign(Uint8Array.of(1)), "base64url");
      const signing = { name: "ECDSA", hash: "SHA-256" };
      const verify = (said: number) =>
        crypto.subtle.verify(signing, second.publicKey, signature, Uint8Array.of(said));
      expect([await verify(1), await verify(2)]).toEqual([true, false]);
    });

    it("forgets what is deleted, and that alone", async () => {
      const store = await open();
      for (const name of ["e/0", "e/1"]) await store.set(name, await createKeyPair());
      await store.delete("e/0");
      await store.delete("none");
      expect(await store.get("e/0")).toBeUndefined();
      expect(await store.get("e/1")).toBeDefined();
    });
  });
}

import { blobHash } from "@tandem/core/ids";
import type { BlobArchive } from "@tandem/core/stores";
import { beforeEach, describe, expect, it } from "vitest";

/** What every driver of `BlobStore` must do; `open` gives an empty store. */
export function blobStoreContract(name: string, open: () => Promise<BlobArchive>): void {
  describe(`${name} as a blob store`, () => {
    let blobs: BlobArchive;
    beforeEach(async () => {
      blobs = await open();
    });

    it("names a blob by the SHA-256 of its bytes", async () => {
      // The published digest of "abc" (FIPS 180-2, B.1).
      expect(await blobs.put(new TextEncoder().encode("abc"))).toBe(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      );
    });

    it.each([0, 1, 3_000_001])("gives back %i bytes", async (length) => {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      const back = await blobs.get(await blobs.put(bytes));
      expect(back.constructor).toBe(Uint8Array);
      expect(Buffer.compare(back, bytes)).toBe(0);
    });

    it("takes a view for the bytes it shows alone", async () => {
      const view = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
      expect(await blobs.get(await blobs.put(view))).toEqual(Uint8Array.of(2, 3));
    });

    it("takes the same bytes again, also at the same time", async () => {
      const bytes = Uint8Array.of(5, 6);
      const hashes = await Promise.all([1, 2, 3].map(() => blobs.put(bytes)));
      expect(new Set(hashes).size).toBe(1);
      expect(await blobs.get(hashes[0])).toEqual(bytes);
    });

    it("shares no memory with its callers", async () => {
      const bytes = Uint8Array.of(1);
      const hash = await blobs.put(bytes);
      bytes[0] = 2;
      (await blobs.get(hash))[0] = 3;
      expect(await blobs.get(hash)).toEqual(Uint8Array.of(1));
    });

    it.each(["0".repeat(64), "", "../../etc/passwd", "A".repeat(64), `${"0".repeat(64)}/..`])(
      "has no blob %j",
      async (text) => {
        expect(await blobs.has(blobHash(text))).toBe(false);
        await expect(blobs.get(blobHash(text))).rejects.toMatchObject({ code: "not-found" });
      },
    );

    it("lists what is there and when it was put last", async () => {
      const before = Date.now() - 2000; // some file systems and services count in seconds
      const hashes = [await blobs.put(Uint8Array.of(1)), await blobs.put(Uint8Array.of(2))];
      const listed = await blobs.list();
      expect(listed.map(({ hash }) => hash).sort()).toEqual(hashes.sort());
      for (const { hash, bytes } of listed) expect(bytes).toBe((await blobs.get(hash)).length);
      for (const { putAt } of listed) {
        expect(putAt).toBeGreaterThan(before);
        expect(putAt).toBeLessThan(Date.now() + 2000);
      }
    });

    it("is put later by being put again", async () => {
      const putAt = async () => (await blobs.list())[0].putAt;
      await blobs.put(Uint8Array.of(1));
      const first = await putAt();
      await new Promise((resolve) => setTimeout(resolve, 1100)); // S3 tells whole seconds
      await blobs.put(Uint8Array.of(1));
      expect(await putAt()).toBeGreaterThan(first);
    });

    it("no longer has what was deleted, and takes it again", async () => {
      const [hash, other] = [await blobs.put(Uint8Array.of(1)), await blobs.put(Uint8Array.of(2))];
      await blobs.delete(hash);
      await blobs.delete(hash);
      await blobs.delete(blobHash("../../etc/passwd"));
      expect(await blobs.has(hash)).toBe(false);
      expect(await blobs.has(other)).toBe(true);
      expect(await blobs.has(await blobs.put(Uint8Array.of(1)))).toBe(true);
    });

    it("has what was put", async () => {
      expect(await blobs.has(await blobs.put(Uint8Array.of(9)))).toBe(true);
    });
  });
}

import { expect, test } from "vitest";
import { holdDeletes } from "./held-deletes";
import { createMemoryBlobs } from "./memory-blobs";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("what is deleted while deletes are held is gone for all but the archive, until they are not", async () => {
  const archive = createMemoryBlobs();
  const { blobs, hold } = holdDeletes(archive);
  const [kept, gone, again] = [
    await blobs.put(bytesOf("kept")),
    await blobs.put(bytesOf("gone")),
    await blobs.put(bytesOf("again")),
  ];
  const [one, other] = [hold(), hold()];
  for (const hash of [gone, again]) await blobs.delete(hash);
  await blobs.put(bytesOf("again"));
  expect(await blobs.has(gone)).toBe(false);
  await expect(blobs.get(gone)).rejects.toMatchObject({ code: "not-found" });
  expect((await blobs.list()).map(({ hash }) => hash)).toEqual([kept, again]);
  expect(await archive.has(gone)).toBe(true);
  await one();
  expect(await archive.has(gone)).toBe(true);
  await other();
  expect((await archive.list()).map(({ hash }) => hash)).toEqual([kept, again]);
  await blobs.delete(kept);
  expect(await archive.has(kept)).toBe(false);
});

test("bytes that are put while they are being deleted are there afterwards", async () => {
  const archive = createMemoryBlobs();
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow: typeof archive = {
    ...archive,
    async delete(hash) {
      await gate;
      await archive.delete(hash);
    },
  };
  const { blobs, hold } = holdDeletes(slow);
  const release = hold();
  const hash = await blobs.put(bytesOf("wanted"));
  await blobs.delete(hash);
  const released = release();
  const put = blobs.put(bytesOf("wanted"));
  letGo();
  await Promise.all([released, put]);
  expect(await blobs.has(hash)).toBe(true);
  expect(await archive.has(hash)).toBe(true);
});

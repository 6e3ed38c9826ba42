import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openFileBlobs } from "./file-blobs";
import { blobStoreContract } from "./testing/blob-store.contract";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tandem-blobs-"));
});
afterAll(() => rm(root, { recursive: true }));
let directories = 0;
const next = () => join(root, String(directories++));

blobStoreContract("files", () => openFileBlobs(next()));

it("a file that changed on the disk is corrupt until its bytes are put again", async () => {
  const directory = next();
  const blobs = await openFileBlobs(directory);
  const bytes = Uint8Array.of(1, 2, 3);
  const hash = await blobs.put(bytes);
  const path = join(directory, hash.slice(0, 2), hash.slice(2, 4), hash);
  await writeFile(path, Uint8Array.of(1, 2, 4));
  await expect(blobs.get(hash)).rejects.toMatchObject({ code: "corrupt" });
  expect(await blobs.put(bytes)).toBe(hash);
  expect(await blobs.get(hash)).toEqual(bytes);
});

it("another opening finds the blobs, and no drafts are left", async () => {
  const directory = next();
  const hash = await (await openFileBlobs(directory)).put(Uint8Array.of(1));
  expect(await (await openFileBlobs(directory)).get(hash)).toEqual(Uint8Array.of(1));
  expect(await readdir(join(directory, "tmp"))).toEqual([]);
});

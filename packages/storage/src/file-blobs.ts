import { randomUUID } from "node:crypto";
import { access, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { BlobArchive } from "@tandem/core/stores";
import { sha256Hex } from "@tandem/protocol/sha256";
import { blobNotFound } from "./errors";

/** Blobs as files `ab/cd/abcd…`, each written whole before it gets its name. */
export async function openFileBlobs(directory: string): Promise<BlobArchive> {
  const temporary = join(directory, "tmp");
  await mkdir(temporary, { recursive: true });
  const pathOf = (hash: BlobHash) => join(directory, hash.slice(0, 2), hash.slice(2, 4), hash);

  const get = async (hash: BlobHash): Promise<Uint8Array> => {
    if (!isHash(hash)) throw blobNotFound(hash);
    const bytes = await readFile(pathOf(hash)).catch((error: unknown) => {
      throw isMissing(error) ? blobNotFound(hash) : error;
    });
    const found = await sha256Hex(bytes);
    if (found !== hash)
      throw new TandemError(
        "corrupt",
        `${pathOf(hash)} has changed (its SHA-256 is now ${found}); restore it or put it again`,
      );
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  };

  const has = (hash: BlobHash): Promise<boolean> =>
    isHash(hash)
      ? access(pathOf(hash)).then(
          () => true,
          () => false,
        )
      : Promise.resolve(false);

  const put = async (bytes: Uint8Array): Promise<BlobHash> => {
    const hash = await sha256Hex(bytes);
    const path = pathOf(hash);
    if (await intact(hash)) {
      const now = new Date();
      await utimes(path, now, now);
      return hash;
    }
    await mkdir(dirname(path), { recursive: true });
    const draft = join(temporary, randomUUID());
    await synced(draft, "wx", (file) => file.writeFile(bytes));
    await rename(draft, path);
    await synced(dirname(path), "r");
    return hash;
  };

  /** A damaged file is written again by the next put of its bytes. */
  const intact = (hash: BlobHash): Promise<boolean> =>
    get(hash).then(
      () => true,
      (error: unknown) => {
        if (error instanceof TandemError) return false;
        throw error;
      },
    );

  async function list() {
    const found: { hash: BlobHash; putAt: number; bytes: number }[] = [];
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !isHash(entry.name)) continue;
      const { mtimeMs, size } = await stat(join(entry.parentPath, entry.name));
      found.push({ hash: blobHash(entry.name), putAt: mtimeMs, bytes: size });
    }
    return found;
  }

  const remove = async (hash: BlobHash): Promise<void> => {
    if (isHash(hash)) await rm(pathOf(hash), { force: true });
  };
  return { put, get, has, list, delete: remove };
}

type FileHandle = Awaited<ReturnType<typeof open>>;

/** Runs `use` on a file, then fsyncs it; on a directory this makes its new names durable. */
async function synced(path: string, flags: string, use?: (file: FileHandle) => Promise<void>) {
  const file = await open(path, flags);
  try {
    await use?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Also keeps `..` and separators away from the file system. */
const isHash = (hash: string) => /^[0-9a-f]{64}$/.test(hash);
const isMissing = (error: unknown) =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOENT";

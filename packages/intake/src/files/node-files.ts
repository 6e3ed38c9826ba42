import { open, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type SlicedFile, slicedFile } from "./source-file";

/** A file of this machine, or all files below a directory, in the order of their paths. */
export async function filesAt(path: string): Promise<readonly SlicedFile[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [fileAt(path, relative(join(path, ".."), path), found.size)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile()) // links are not followed: they may lead anywhere
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(async (file) =>
      fileAt(file, relative(path, file).split(sep).join("/"), (await stat(file)).size),
    ),
  );
}

const fileAt = (path: string, name: string, size: number): SlicedFile =>
  slicedFile(name, size, async (from, to) => {
    const handle = await open(path);
    try {
      const bytes = new Uint8Array(to - from);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  });

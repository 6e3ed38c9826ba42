import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientStore } from "@tandem/core/stores";

/** A virtual client's records, a file each in a folder that is made with the first. */
export function createFolderClientStore(directory: string): ClientStore {
  const pathOf = (key: string) => join(directory, encodeURIComponent(key));
  const unlessMissing =
    <T>(absent: T) =>
    (error: NodeJS.ErrnoException): T => {
      if (error.code === "ENOENT") return absent;
      throw error;
    };
  return {
    get: async (key) =>
      readFile(pathOf(key)).then((bytes) => new Uint8Array(bytes), unlessMissing(undefined)),
    async set(key, value) {
      await mkdir(directory, { recursive: true });
      const draft = join(directory, `%${encodeURIComponent(key)}`); // no key is written so
      await writeFile(draft, value);
      await rename(draft, pathOf(key));
    },
    delete: (key) => rm(pathOf(key), { force: true }),
    async keys() {
      const files = await readdir(directory).catch(unlessMissing([]));
      return files
        .filter((file) => !file.startsWith("%"))
        .map(decodeURIComponent)
        .sort();
    },
  };
}

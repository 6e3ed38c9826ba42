import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { TandemError } from "@tandem/core/errors";
import { type Sum, sha256Of } from "./checked-folder";

/** Of a folder of backbones, or of a file in it: no dot file, and nothing above the folder. */
export const isBackboneName = (name: string): boolean => /^[a-z\d][\w.-]{0,99}$/i.test(name);

/** Every NAME/FILE that a server hands out. */
export async function backbonesIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of await namesIn(folder)) {
    if (!(await stat(join(folder, name))).isDirectory()) continue;
    for (const file of await namesIn(join(folder, name)))
      if ((await stat(join(folder, name, file))).isFile()) files.push(`${name}/${file}`);
  }
  return files;
}

type Between = { readonly from: string; readonly to: string };

/**
 * Those of the files that are not at `to` yet. Throws `corrupt` for one that has changed since it was
 * copied, `conflict` where another lies in its place: tasks pin their bytes, and browsers keep them.
 */
export async function backbonesToRestore(
  files: readonly Sum[],
  { from, to }: Between,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { path, sha256 } of files) {
    if (typeof path !== "string" || path.split("/").map(isBackboneName).join() !== "true,true")
      throw new TandemError(
        "bad-data",
        `${JSON.stringify(path)} is no file of a backbone; take another backup`,
      );
    const found = await sha256Of(join(from, path)).catch(() => "missing");
    if (found !== sha256)
      throw new TandemError(
        "corrupt",
        `${join(from, path)} has changed (its SHA-256 is ${found}, not ${sha256}); take another backup`,
      );
    const there = await sha256Of(join(to, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return undefined;
    });
    if (there === undefined) missing.push(path);
    else if (there !== sha256)
      throw new TandemError(
        "conflict",
        `${join(to, path)} is there with other bytes; give one of the two folders another name`,
      );
  }
  return missing;
}

/** Each is there whole, or not at all. */
export async function restoreBackbones(
  files: readonly string[],
  { from, to }: Between,
): Promise<void> {
  for (const path of files) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    const draft = join(dirname(target), ".draft");
    await pipeline(createReadStream(join(from, path)), createWriteStream(draft, { flush: true }));
    await rename(draft, target);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter(isBackboneName).sort();
}

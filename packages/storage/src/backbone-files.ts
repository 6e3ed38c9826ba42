import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TandemError } from "@tandem/core/errors";

/** Of a folder of backbones, or of a file in it: no dot file, and nothing above the folder. */
export const isBackboneName = (name: string): boolean => /^[a-z\d][\w.-]{0,99}$/i.test(name);

/** `path` is NAME/FILE below a folder of backbones. */
export type BackboneFile = { readonly path: string; readonly sha256: string };

/** Copies every NAME/FILE that a server has of backbones, and says what it was. */
export async function copyBackbones(from: string, to: string): Promise<readonly BackboneFile[]> {
  const copied: BackboneFile[] = [];
  for (const path of await filesBelow(from)) {
    await copy(join(from, path), join(to, path));
    copied.push({ path, sha256: await sha256Of(join(to, path)) });
  }
  return copied;
}

/**
 * Those of the files that are not at `to` yet. Throws `corrupt` for one that has changed since it was
 * copied, `conflict` where another lies in its place: tasks pin their bytes, and browsers keep them.
 */
export async function backbonesToRestore(
  files: readonly BackboneFile[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly BackboneFile[]> {
  const missing: BackboneFile[] = [];
  for (const file of files) {
    const { path, sha256 } = file;
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
    if (there === undefined) missing.push(file);
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
  files: readonly BackboneFile[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  for (const { path } of files) await copy(join(from, path), join(to, path));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of await namesIn(folder)) {
    if (!(await stat(join(folder, name))).isDirectory()) continue;
    for (const file of await namesIn(join(folder, name)))
      if ((await stat(join(folder, name, file))).isFile()) files.push(`${name}/${file}`);
  }
  return files;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter(isBackboneName).sort();
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const draft = join(dirname(to), ".draft");
  await pipeline(createReadStream(from), createWriteStream(draft, { flush: true }));
  await rename(draft, to);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  const write = (chunk: Uint8Array, _: string, done: () => void) => {
    hash.update(chunk);
    done();
  };
  await pipeline(createReadStream(path), new Writable({ write }));
  return hash.digest("hex");
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TandemError } from "@tandem/core/errors";

/** What the build of a data set takes. */
export type BuildOptions = {
  readonly directory?: string;
  readonly manifestPath?: string;
  /** The build is what is wanted, and says so in the manifest, whatever stood there. */
  readonly writeManifest?: boolean;
  readonly progress?: (done: number, total: number) => void;
};

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** The file is there whole or not at all. */
export async function writeWhole(path: string, bytes: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as T) : undefined;
}

/** What a build says of itself, committed under public/data; a build that differs is refused. */
export async function checkManifest<M extends object>(
  manifest: M,
  options: {
    readonly path: string;
    /** The entry that must agree with the committed one. */
    readonly key: string & keyof M;
    readonly write: boolean;
    readonly wayOut: string;
  },
): Promise<void> {
  const { path, key, write, wayOut } = options;
  const committed = write ? undefined : await readJson<M>(path);
  if (!committed) return writeWhole(path, `${JSON.stringify(manifest, null, 2)}\n`);
  if (committed[key] !== manifest[key])
    throw new TandemError(
      "corrupt",
      `${key} of this build is ${manifest[key]}, ${path} says ${committed[key]}: ${wayOut}`,
    );
}

/** A built file, or `corrupt` when it is not what the index says. */
export async function readBuilt(path: string, expected: string | undefined, wayOut: string) {
  const data = new Uint8Array(await readFile(path));
  if (sha256(data) !== expected)
    throw new TandemError("corrupt", `${path} has changed since it was built: ${wayOut}`);
  return data;
}

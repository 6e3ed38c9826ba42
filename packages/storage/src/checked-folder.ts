import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { makeFolder } from "./make-folder";

/** Lists every other file of a folder as `sha256sum --check` reads it. */
export const sumsFile = "SHA256SUMS";
const mostLineBytes = 64 * 2 ** 20;

/** Of one file, by its path in the folder. */
export type Sum = { readonly path: string; readonly sha256: string };

/**
 * A folder that is not there until `finish`: its files, for nobody else to read, are written into
 * `directory.partial` and listed with their checksums. Throws `conflict` where either is there already.
 */
export async function createCheckedFolder(directory: string) {
  const draft = `${directory}.partial`;
  if (await exists(directory)) throw cannotBeMade(directory, "it is there already");
  await makeFolder(dirname(directory));
  await mkdir(draft, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw cannotBeMade(draft, error.code === "EEXIST" ? "it is there already" : error.message);
  });
  const sums = await open(join(draft, sumsFile), "wx", 0o600);
  const unfinished = new Set<FileHandle>();
  let files = 0;

  /** `known`: its checksum, where that has been computed. */
  async function begin(path: string, known?: string) {
    if (!isPath(path)) throw new TandemError("bad-data", `${path} has a name that is no backup's`);
    await mkdir(dirname(join(draft, path)), { recursive: true, mode: 0o700 });
    const file = await open(join(draft, path), "wx", 0o600);
    unfinished.add(file);
    const hash = createHash("sha256");
    return {
      async append(bytes: Uint8Array): Promise<void> {
        if (known === undefined) hash.update(bytes);
        await file.writeFile(bytes); // goes on where the last has ended
      },
      async end(): Promise<Sum> {
        await file.sync();
        unfinished.delete(file);
        await file.close();
        return { path, sha256: known ?? hash.digest("hex") };
      },
    };
  }

  async function stage(from: string, path: string): Promise<Sum> {
    const file = await begin(path);
    for await (const bytes of createReadStream(from)) await file.append(bytes);
    return file.end();
  }

  async function list(sum: Sum): Promise<void> {
    await sums.writeFile(`${sum.sha256}  ${sum.path}\n`);
    files++;
  }

  return {
    /** A file that is written bit by bit, and listed when it has ended. */
    async open(path: string) {
      const { append, end } = await begin(path);
      return { append, end: async () => list(await end()) };
    },
    /** `known`: its checksum, where that has been computed. */
    async write(path: string, bytes: Uint8Array, known?: string): Promise<void> {
      const file = await begin(path, known);
      await file.append(bytes);
      await list(await file.end());
    },
    copy: async (from: string, path: string): Promise<void> => list(await stage(from, path)),
    /** Files below `path` that belong together: all of those that `fill` copies, or none if it answers false. */
    async together(
      path: string,
      fill: (copy: (from: string, name: string) => Promise<void>) => Promise<boolean>,
    ): Promise<boolean> {
      const staged: Sum[] = [];
      const isWhole = await fill(async (from, name) => {
        staged.push(await stage(from, `${path}/${name}`));
      });
      if (isWhole) for (const sum of staged) await list(sum);
      else await rm(join(draft, path), { recursive: true, force: true });
      return isWhole;
    },
    /** So far. */
    files: () => files,
    /** Reads all of it back, calling `pause` at each file; throws `corrupt` for what is not as it was written. */
    async finish(pause: () => Promise<void>): Promise<void> {
      await sums.sync();
      const read = await checkFolder(draft, pause);
      if (read !== files)
        throw new TandemError(
          "corrupt",
          `${draft} lists ${read} files, not ${files}: look at its disk`,
        );
      await sums.close();
      await rename(draft, directory);
      await synced(dirname(directory));
    },
    async abandon(): Promise<void> {
      for (const file of [sums, ...unfinished]) await file.close();
      await rm(draft, { recursive: true, force: true });
    },
  };
}

export type CheckedFolder = Awaited<ReturnType<typeof createCheckedFolder>>;

/**
 * How many files the folder lists, once each has been read and has its checksum. Throws `bad-data` for what
 * is no such list, `corrupt` for a file that has changed or is missing.
 */
export async function checkFolder(
  directory: string,
  pause: () => Promise<void> = async () => {},
): Promise<number> {
  let files = 0;
  for await (const { path, sha256 } of sumsOf(directory)) {
    await pause();
    const found = await sha256Of(join(directory, path)).catch(() => "missing");
    if (found !== sha256)
      throw new TandemError(
        "corrupt",
        `${join(directory, path)} has changed (its SHA-256 is ${found}, not ${sha256}); take another backup`,
      );
    files++;
  }
  return files;
}

/** What the list says, without a look at the files; throws `bad-data`. */
export async function* sumsOf(directory: string): AsyncGenerator<Sum> {
  const list = join(directory, sumsFile);
  for await (const line of linesOf(list)) {
    const [, sha256, path = ""] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (!sha256 || !isPath(path))
      throw new TandemError(
        "bad-data",
        `${list} has a line that names no file of a backup: ${line.slice(0, 200)}`,
      );
    yield { path, sha256 };
  }
}

/** Of names that lead nowhere else, on any system. */
const isPath = (path: string): boolean =>
  path.split("/").every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));

/** Throws `bad-data` for a line of more than 64 MiB. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let held = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...pending, chunk.subarray(from, end)]).toString("utf8");
      [pending, held, from] = [[], 0, end + 1];
      if (line !== "") yield line;
    }
    pending.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > mostLineBytes)
      throw new TandemError("bad-data", `${path} has a line of more than 64 MiB`);
  }
  const last = Buffer.concat(pending).toString("utf8");
  if (last !== "") yield last;
}

/** Throws for what is no file. */
export async function sha256Of(path: string): Promise<string> {
  if (!(await lstat(path)).isFile()) throw new Error(`${path} is no file`);
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

const cannotBeMade = (path: string, why: string) =>
  new TandemError("conflict", `${path} cannot be made: ${why}`);

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Makes the directory's new names durable. */
async function synced(directory: string): Promise<void> {
  const handle: FileHandle = await open(directory, "r");
  await handle.sync().finally(() => handle.close());
}

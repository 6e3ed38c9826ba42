import { cp, lstat, readdir, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { TandemError } from "@tandem/core/errors";
import type { CheckedFolder } from "./checked-folder";

const mostTries = 5;

/** The tasks whose folder there is. */
export async function basesIn(
  folder: string,
  tasks: readonly string[],
): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return tasks.filter((id) => names.includes(id));
}

/** What has been trained for these tasks, also what is half done, below `teachers/`; says of how many. */
export async function keepBases(
  from: string,
  tasks: readonly string[],
  folder: CheckedFolder,
): Promise<number> {
  const ids = await basesIn(from, tasks);
  for (const id of ids) await keepStill(join(from, id), `teachers/${id}`, folder);
  return ids.length;
}

/** A base that has been copied, in place of one that is there: no links and, where `listed` names files, no others. */
export async function putBases(
  { from, to }: { readonly from: string; readonly to: string },
  tasks: readonly string[],
  listed?: ReadonlySet<string>,
): Promise<void> {
  const filter = async (path: string): Promise<boolean> => {
    const found = await lstat(path);
    if (found.isDirectory()) return true;
    return found.isFile() && (listed?.has(pathIn(from, path)) ?? true);
  };
  for (const id of await basesIn(from, tasks)) {
    await rm(join(to, id), { recursive: true, force: true });
    await cp(join(from, id), join(to, id), { recursive: true, filter });
  }
}

const pathIn = (folder: string, path: string) => relative(folder, path).split(sep).join("/");

/**
 * All files of a folder as they were at one moment: a training may write checkpoints meanwhile, or end and
 * take the place of the base. Throws `unavailable` where it never keeps still.
 */
async function keepStill(from: string, path: string, folder: CheckedFolder): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const isStill = await folder.together(path, async (copy) => {
      try {
        const before = await stamps(from);
        for (const name of before.keys()) await copy(join(from, name), name);
        return isDeepStrictEqual(await stamps(from), before);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      }
    });
    if (isStill) return;
  }
  throw new TandemError(
    "unavailable",
    `${from} has changed in each of ${mostTries} tries to copy it; try again when its training is over`,
  );
}

/** Of each file below the folder, when it was written; logs that grow do so line by line, and drafts are nobody's. */
async function stamps(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".partial")) continue;
    const path = join(entry.parentPath, entry.name);
    const { ino, size, mtimeMs } = await stat(path);
    const stamp = entry.name.endsWith(".jsonl") ? "" : [ino, size, mtimeMs].join();
    found.set(pathIn(folder, path), stamp);
  }
  return found;
}

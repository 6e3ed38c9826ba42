import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rmdir, unlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { kill, pid } from "node:process";
import { TandemError } from "@tandem/core/errors";

/** Held or asked for by this process. A lock file with its pid that is not here is an old one. */
const claimed = new Set<string>();

/**
 * Takes `directory` for this process until the result is called; throws `conflict` while another
 * living process has it. The lock of a dead one is taken over.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(resolve(directory), "lock");
  const conflict = (owner: number) =>
    new TandemError(
      "conflict",
      `${directory} is in use by process ${owner}; stop that process or choose another directory`,
    );
  if (claimed.has(path)) throw conflict(pid);
  claimed.add(path);
  try {
    await mkdir(directory, { recursive: true });
    while (!(await created(path))) {
      const owner = await ownerOf(path);
      if (owner !== undefined && isAlive(owner)) throw conflict(owner);
      await removeStale(path);
    }
  } catch (error) {
    claimed.delete(path);
    throw error;
  }
  return async () => {
    if (claimed.delete(path)) await unlink(path);
  };
}

/** A link appears with its content or not at all, unlike a file that is created and then written. */
async function created(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, String(pid));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** One process at a time looks again and deletes: the lock may be a new owner's by now. */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    throw new TandemError(
      "conflict",
      `another process is taking over ${path}; try again, or delete ${guard} if none is`,
      { cause: error },
    );
  }
  try {
    const owner = await ownerOf(path);
    if (owner !== undefined && !isAlive(owner)) await unlink(path);
  } finally {
    await rmdir(guard);
  }
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(path, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(owner: number): boolean {
  if (owner === pid || !Number.isSafeInteger(owner) || owner <= 0) return false;
  try {
    return kill(owner, 0);
  } catch (error) {
    return codeOf(error) === "EPERM"; // somebody else's process, but a living one
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

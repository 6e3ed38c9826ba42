import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { TandemError } from "@tandem/core/errors";

/** Where `npm start` keeps its data, and where commands look for it, unless told otherwise. */
export const defaultDataFolder = ".tandem/data";

/**
 * Creates a folder with those above it. Throws `bad-config` where none can be made or written to.
 * Node's own `recursive` tries without end where a file system such as /proc takes no folder.
 */
export async function makeFolder(directory: string, mode?: number): Promise<void> {
  const reason = await faultOf(directory, mode);
  if (reason === undefined) return;
  throw new TandemError("bad-config", `${directory} ${reason}: name another folder`);
}

async function faultOf(directory: string, mode: number | undefined): Promise<string | undefined> {
  try {
    await make(directory, mode);
    if (!(await stat(directory)).isDirectory()) return "is no folder";
    await access(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return `cannot be created or written to (${codeOf(error)})`;
  }
}

async function make(directory: string, mode: number | undefined): Promise<void> {
  const parent = dirname(directory);
  const isThere = await stat(parent).then(
    () => true,
    () => false,
  );
  if (!isThere && parent !== directory) await make(parent, mode);
  await mkdir(directory, { mode }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

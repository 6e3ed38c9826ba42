import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TandemError } from "@tandem/core/errors";

/** Its name, in a server's data directory and in a backup. */
export const paintedFile = "paintings.json";

/** Pictures that participants have had painted by a teacher that charges, by experiment. */
export type Painted = Readonly<Record<string, number>>;

/** None where there is no file. Throws `bad-data` for a file that has no counts. */
export async function readPainted(path: string): Promise<Painted> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const painted = parsed(text);
  if (!isPainted(painted))
    throw new TandemError("bad-data", `${path} does not count the pictures of each experiment`);
  return painted;
}

/** The whole file or the one that was there. */
export async function writePainted(path: string, painted: Painted): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, JSON.stringify(painted));
  await rename(`${path}.part`, path);
}

/** Of these experiments alone. */
export const paintedOf = (painted: Painted, experiments: readonly string[]): Painted =>
  Object.fromEntries(Object.entries(painted).filter(([id]) => experiments.includes(id)));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isPainted = (value: unknown): value is Painted =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((count) => Number.isSafeInteger(count) && count >= 0);

import { readFile, stat } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";

/** The text of a file of at most `maxBytes`; throws `not-found` or `too-large` with its path. */
export async function readTextFile(path: string, maxBytes: number): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new TandemError("not-found", `there is no file ${path}`);
  if (found.size > maxBytes)
    throw new TandemError("too-large", `${path} has ${found.size} bytes, at most ${maxBytes}`);
  return readFile(path, "utf8");
}

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";

/**
 * Random bytes that a file holds as hexadecimal digits; made when there is no such file. `remedy`: what to do
 * about a file that holds something else, for which it throws `corrupt`.
 */
export async function madeOnce(
  path: string,
  {
    bytes,
    mode,
    remedy,
  }: { readonly bytes: number; readonly mode?: number; readonly remedy: string },
): Promise<string> {
  const made = randomBytes(bytes).toString("hex");
  const isMade = await writeFile(path, made, { flag: "wx", ...(mode && { mode }) }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  const digits = 2 * bytes;
  const found = isMade ? made : (await readFile(path, "utf8")).trim();
  if (found.length === digits && /^[0-9a-f]+$/.test(found)) return found;
  throw new TandemError("corrupt", `${path} does not hold ${digits} hexadecimal digits: ${remedy}`);
}

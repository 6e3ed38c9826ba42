import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";

/** What signs cookies: made at the first start, for nobody else to read. A new one signs everybody out. */
export async function secretIn(directory: string): Promise<string> {
  const path = join(directory, "cookie-secret");
  const made = randomBytes(32).toString("hex");
  const isMade = await writeFile(path, made, { flag: "wx", mode: 0o600 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  const secret = isMade ? made : (await readFile(path, "utf8")).trim();
  if (/^[0-9a-f]{64}$/.test(secret)) return secret;
  throw new TandemError(
    "corrupt",
    `${path} does not hold 64 hexadecimal digits: delete it, and everybody signs in anew`,
  );
}

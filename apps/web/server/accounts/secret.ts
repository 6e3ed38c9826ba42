import { join } from "node:path";
import { madeOnce } from "@tandem/storage/made-once";

/** What signs cookies: made at the first start, for nobody else to read. A new one signs everybody out. */
export const secretIn = (directory: string): Promise<string> =>
  madeOnce(join(directory, "cookie-secret"), {
    bytes: 32,
    mode: 0o600,
    remedy: "delete it, and everybody signs in anew",
  });

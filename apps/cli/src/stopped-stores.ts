import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { makeFolder } from "@tandem/storage/make-folder";
import { openStores, type Stores } from "@tandem/storage/open-stores";

/**
 * Of the same folder and environment as the server's, which must not run meanwhile: then it throws
 * `conflict`, and says `whileItRuns` too. `isNew`: there may be none yet. Throws `not-found` and `forbidden`.
 */
export async function withStores<T>(
  data: string,
  use: (stores: Stores & { readonly data: string }) => Promise<T>,
  { whileItRuns = "", isNew = false } = {},
): Promise<T> {
  const directory = resolve(data);
  if (!isNew) await requireDatabase(directory);
  await requireOwner(directory);
  await makeFolder(directory);
  const opening = openStores({ directory, environment: process.env });
  const stores = await opening.catch((error: unknown) => {
    if (codeOf(error) !== "conflict") throw error;
    throw new TandemError("conflict", `${messageOf(error)}${whileItRuns}`, { cause: error });
  });
  try {
    return await use({ ...stores, data: directory });
  } finally {
    await stores.store.close();
  }
}

/** Throws `not-found` where a database would be made; it would be an empty one. */
async function requireDatabase(directory: string): Promise<void> {
  if (process.env.TANDEM_DATABASE_URL) return;
  if (await isThere(join(directory, "postgres"))) return;
  const what = (await isThere(directory)) ? "holds no server's records" : "does not exist";
  throw new TandemError(
    "not-found",
    `${directory} ${what}: give the folder that the server has as --data, and its TANDEM_DATABASE_URL if it has one`,
  );
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Throws `forbidden` to an administrator, whose files in the folder the server's user could not use. */
export async function requireOwner(directory: string): Promise<void> {
  const owner = await stat(directory).then(
    ({ uid }) => uid,
    () => undefined,
  );
  if (process.getuid?.() !== 0 || owner === undefined || owner === 0) return;
  throw new TandemError(
    "forbidden",
    `${directory} belongs to user ${owner}, who could not open what root writes there: run this as that user, such as with sudo -u`,
  );
}

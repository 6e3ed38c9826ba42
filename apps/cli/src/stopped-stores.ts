import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { openStores, type Stores } from "@tandem/storage/open-stores";

/**
 * Of the same folder and environment as the server's, which must not run meanwhile: then it throws
 * `conflict`, and says `hint` too.
 */
export async function withStores<T>(
  data: string,
  use: (stores: Stores & { readonly data: string }) => Promise<T>,
  hint = "",
): Promise<T> {
  const directory = resolve(data);
  await mkdir(directory, { recursive: true });
  const opening = openStores({ directory, environment: process.env });
  const stores = await opening.catch((error: unknown) => {
    if (codeOf(error) !== "conflict") throw error;
    throw new TandemError("conflict", `${messageOf(error)}${hint}`, { cause: error });
  });
  try {
    return await use({ ...stores, data: directory });
  } finally {
    await stores.store.close();
  }
}

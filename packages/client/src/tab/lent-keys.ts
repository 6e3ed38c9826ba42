import type { KeyStore } from "@tandem/core/stores";
import type { WorkerToLender } from "../messages";

/** Keys that the browser does not keep: a page that lends them holds them as well, until it is closed. */
export function createLentKeys(
  tell: (change: WorkerToLender) => void,
): KeyStore & { readonly lend: (keys: ReadonlyMap<string, CryptoKeyPair>) => void } {
  let pairs = new Map<string, CryptoKeyPair>();
  let isLent = false;
  return {
    lend(all) {
      isLent = true;
      pairs = new Map(all);
    },
    get: async (name) => pairs.get(name),
    async set(name, pair) {
      pairs.set(name, pair);
      if (isLent) tell({ type: "key", name, pair });
    },
    async delete(name) {
      if (pairs.delete(name) && isLent) tell({ type: "key", name });
    },
  };
}

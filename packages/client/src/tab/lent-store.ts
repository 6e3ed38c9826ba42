import type { ClientStore } from "@tandem/core/stores";
import type { WorkerToLender } from "../messages";

export type LentStore = ClientStore & {
  /** In place of what is held; from then on the page is told of each change. */
  readonly lend: (records: ReadonlyMap<string, Uint8Array>) => void;
};

/**
 * Records that the browser does not keep. A page that lends them holds them as well, for the workers that
 * come after this one, until it is closed.
 */
export function createLentStore(tell: (change: WorkerToLender) => void): LentStore {
  let isLent = false;
  const records = new Map<string, Uint8Array>();
  const changed = (key: string, value?: Uint8Array) => {
    if (isLent) tell({ type: "record", key, ...(value && { value }) });
  };
  return {
    lend(all) {
      isLent = true;
      records.clear();
      for (const [key, value] of all) records.set(key, value);
    },
    get: async (key) => records.get(key)?.slice(),
    async set(key, value) {
      const own = value.slice();
      records.set(key, own);
      changed(key, own);
    },
    async delete(key) {
      if (records.delete(key)) changed(key);
    },
    keys: async () => [...records.keys()].sort(),
  };
}

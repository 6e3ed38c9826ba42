import { codeOf } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import { isCachedBlob } from "../cached-blob";

/**
 * A store that goes on when the browser's quota is used up: it first drops what can be downloaded
 * again, then keeps the record in memory and says once that it will not outlive the tab.
 */
export function storeWithOverflow(
  inner: ClientStore,
  memory: ClientStore,
  onFull: () => void,
): ClientStore {
  let isSaid = false;

  async function madeRoom(): Promise<boolean> {
    const droppable = (await inner.keys()).filter(isCachedBlob);
    for (const key of droppable) await inner.delete(key);
    return droppable.length > 0;
  }

  async function isStored(key: string, value: Uint8Array): Promise<boolean> {
    try {
      await inner.set(key, value);
      return true;
    } catch (error) {
      if (codeOf(error) === "full") return false;
      throw error;
    }
  }

  return {
    get: async (key) => (await memory.get(key)) ?? inner.get(key),
    async set(key, value) {
      if ((await isStored(key, value)) || ((await madeRoom()) && (await isStored(key, value)))) {
        await memory.delete(key);
        return;
      }
      await memory.set(key, value);
      await inner.delete(key); // an older version must not come back after a reload
      if (!isSaid) onFull();
      isSaid = true;
    },
    async delete(key) {
      await memory.delete(key);
      await inner.delete(key);
    },
    keys: async () => [...new Set([...(await inner.keys()), ...(await memory.keys())])],
  };
}

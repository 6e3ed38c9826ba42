import { messageOf } from "@tandem/core/errors";
import type { ClientStore, KeyStore } from "@tandem/core/stores";
import { type ClaimIdentity, soleIdentity } from "../identity";
import { identitiesByLock, type Locks } from "./lock-identity";
import { storeWithOverflow } from "./store-with-overflow";

export type Keeping = {
  readonly store: ClientStore;
  readonly keys: KeyStore;
  readonly claimIdentity: ClaimIdentity;
};

/** Where a tab keeps its records, and which of the browser's clients it is: in memory, alone, where the browser denies it either. */
export async function openKeeping(options: {
  readonly openStore: () => Promise<ClientStore>;
  readonly openKeys: () => Promise<KeyStore>;
  readonly memory: ClientStore;
  readonly memoryKeys: KeyStore;
  readonly locks: Locks & { query(): Promise<unknown> };
  readonly notice: (text: string) => void;
}): Promise<Keeping> {
  const { openStore, openKeys, memory, memoryKeys, locks, notice } = options;
  try {
    const [inner, innerKeys] = await Promise.all([openStore(), openKeys()]);
    await locks.query(); // what is denied is denied here
    const store = storeWithOverflow(inner, memory, () =>
      notice(
        "This browser has no room left: what this tab learns from now on is lost when it closes.",
      ),
    );
    const keys = keysWithOverflow(innerKeys, memoryKeys);
    return { store, keys, claimIdentity: identitiesByLock(locks) };
  } catch (error) {
    notice(
      `This browser keeps nothing for this page, as in a private window (${messageOf(error)}). This tab takes part all the same; what it learns is lost when it closes.`,
    );
    return { store: memory, keys: memoryKeys, claimIdentity: soleIdentity };
  }
}

/** Some private windows keep records and no keys: there a client is a new one after a reload. */
function keysWithOverflow(inner: KeyStore, memory: KeyStore): KeyStore {
  return {
    get: async (name) => (await memory.get(name)) ?? inner.get(name),
    set: (name, pair) => inner.set(name, pair).catch(() => memory.set(name, pair)),
    async delete(name) {
      await memory.delete(name);
      await inner.delete(name);
    },
  };
}

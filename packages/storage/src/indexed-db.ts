import { TandemError } from "@tandem/core/errors";
import type { ClientStore, KeyStore } from "@tandem/core/stores";
import { type DBSchema, openDB } from "idb";

interface Schema extends DBSchema {
  records: { key: string; value: Uint8Array };
}

/** A tab's records in its origin's IndexedDB. `set` throws `full` when the browser's quota is. */
export async function openIndexedDbClientStore(name: string): Promise<ClientStore> {
  const db = await openDB<Schema>(name, 1, {
    upgrade: (database) => {
      database.createObjectStore("records");
    },
  });
  return {
    get: (key) => db.get("records", key),
    async set(key, value) {
      try {
        // A view is stored with the whole of its buffer: a copy holds only its own bytes.
        await db.put("records", new Uint8Array(value), key);
      } catch (cause) {
        if (cause instanceof DOMException && cause.name === "QuotaExceededError")
          throw new TandemError(
            "full",
            `no room for the ${value.length} bytes of "${key}"; free disk space or clear site data`,
            { cause },
          );
        throw cause;
      }
    },
    delete: (key) => db.delete("records", key),
    keys: () => db.getAllKeys("records"),
  };
}

interface KeySchema extends DBSchema {
  keys: { key: string; value: CryptoKeyPair };
}

/** A tab's keys in a database of their own. `set` rejects where a browser stores none, as some private windows do. */
export async function openIndexedDbKeyStore(name: string): Promise<KeyStore> {
  const db = await openDB<KeySchema>(name, 1, {
    upgrade: (database) => {
      database.createObjectStore("keys");
    },
  });
  return {
    get: (key) => db.get("keys", key),
    set: async (key, pair) => void (await db.put("keys", pair, key)),
    delete: (key) => db.delete("keys", key),
  };
}

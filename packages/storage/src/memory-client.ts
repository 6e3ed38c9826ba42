import type { ClientStore, KeyStore } from "@tandem/core/stores";

/** A virtual client's records. Bytes are copied on their way in and out. */
export function createMemoryClientStore(): ClientStore {
  const records = new Map<string, Uint8Array>();
  return {
    async get(key) {
      return records.get(key)?.slice();
    },
    async set(key, value) {
      records.set(key, new Uint8Array(value));
    },
    async delete(key) {
      records.delete(key);
    },
    async keys() {
      return [...records.keys()].sort();
    },
  };
}

/** A virtual client's keys. */
export function createMemoryKeyStore(): KeyStore {
  const pairs = new Map<string, CryptoKeyPair>();
  return {
    get: async (name) => pairs.get(name),
    set: async (name, pair) => void pairs.set(name, pair),
    delete: async (name) => void pairs.delete(name),
  };
}

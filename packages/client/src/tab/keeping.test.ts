import type { KeyStore } from "@tandem/core/stores";
import { createKeyPair } from "@tandem/protocol/device-key";
import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { openKeeping } from "./keeping";

const denied = () => Promise.reject(new DOMException("The user denied it.", "SecurityError"));
const keys = { openKeys: async () => createMemoryKeyStore(), memoryKeys: createMemoryKeyStore() };
const granted = async () => createMemoryClientStore();
const locks = {
  request: async (_: string, __: unknown, callback: (lock: unknown) => unknown) => callback({}),
  query: async () => ({}),
};

it.each([
  ["records", { openStore: denied, locks }],
  ["locks", { openStore: granted, locks: { ...locks, query: denied } }],
])(
  "a browser that denies %s lets the tab go on from memory, and the page says why",
  async (_, given) => {
    const said: string[] = [];
    const keeping = await openKeeping({
      ...given,
      ...keys,
      memory: createMemoryClientStore(),
      notice: (text) => said.push(text),
    });
    await keeping.store.set("a", Uint8Array.of(1));
    expect(await keeping.store.get("a")).toEqual(Uint8Array.of(1));
    expect((await keeping.claimIdentity({ experiment: "e", preferred: 3 })).index).toBe(0);
    expect(said).toEqual([expect.stringContaining("The user denied it.")]);
  },
);

it("a browser that keeps records is not spoken of", async () => {
  const said: string[] = [];
  const options = { openStore: granted, ...keys, memory: createMemoryClientStore(), locks };
  const keeping = await openKeeping({ ...options, notice: (text) => said.push(text) });
  expect((await keeping.claimIdentity({ experiment: "e", preferred: 3 })).index).toBe(3);
  expect(said).toEqual([]);
});

it("a browser that keeps records and no keys has the tab hold its key", async () => {
  const stored = createMemoryKeyStore();
  const refuses = async (): Promise<KeyStore> => ({
    ...stored,
    set: () => Promise.reject(new DOMException("no keys here", "DataCloneError")),
  });
  const memory = createMemoryClientStore();
  const given = { openStore: granted, ...keys, openKeys: refuses, memory, locks };
  const keeping = await openKeeping({ ...given, notice: () => {} });
  const pair = await createKeyPair();
  await keeping.keys.set("e/0", pair);
  expect(await keeping.keys.get("e/0")).toBe(pair);
  expect(await stored.get("e/0")).toBeUndefined();
  await keeping.keys.delete("e/0");
  expect(await keeping.keys.get("e/0")).toBeUndefined();
});

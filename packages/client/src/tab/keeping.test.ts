import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { openKeeping } from "./keeping";

const denied = () => Promise.reject(new DOMException("The user denied it.", "SecurityError"));
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
  const options = { openStore: granted, memory: createMemoryClientStore(), locks };
  const keeping = await openKeeping({ ...options, notice: (text) => said.push(text) });
  expect((await keeping.claimIdentity({ experiment: "e", preferred: 3 })).index).toBe(3);
  expect(said).toEqual([]);
});

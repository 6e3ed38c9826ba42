import { clientStoreContract } from "@tandem/storage/testing/client-store.contract";
import { expect, it } from "vitest";
import { createLentStore } from "./lent-store";

const one = Uint8Array.of(1);

clientStoreContract("lent records", async () => createLentStore(() => {}));

it("a page that lends is told of each change; one that does not is told nothing", async () => {
  const told: object[] = [];
  const store = createLentStore((change) => told.push(change));
  await store.set("e/0/study", one);
  expect(told).toEqual([]);
  store.lend(new Map([["e/0/context", one]]));
  expect(await store.keys()).toEqual(["e/0/context"]);
  await store.set("e/0/history", one);
  await store.delete("e/0/context");
  await store.delete("e/0/context");
  expect(told).toEqual([
    { type: "record", key: "e/0/history", value: one },
    { type: "record", key: "e/0/context" },
  ]);
});

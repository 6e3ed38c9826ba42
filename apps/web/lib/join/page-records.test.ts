import type { LenderToWorker, WorkerToLender } from "@tandem/client/messages";
import { createLentKeys } from "@tandem/client/tab/lent-keys";
import { createLentStore } from "@tandem/client/tab/lent-store";
import { createKeyPair, deviceKeyOf } from "@tandem/protocol/device-key";
import { expect, it } from "vitest";
import { createPageRecords } from "./page-records";

/** A worker's end, over which nothing is shared. */
function startWorker(records: ReturnType<typeof createPageRecords>) {
  const listeners: ((event: { readonly data: WorkerToLender }) => void)[] = [];
  const store = createLentStore((change) =>
    listeners.forEach((tell) => void tell({ data: structuredClone(change) })),
  );
  const keys = createLentKeys((change) =>
    listeners.forEach((tell) => void tell({ data: structuredClone(change) })),
  );
  const worker = {
    postMessage(message: LenderToWorker) {
      const given = structuredClone(message);
      store.lend(given.records);
      keys.lend(given.keys);
    },
    addEventListener: (_: "message", listener: (typeof listeners)[number]) =>
      void listeners.push(listener),
  };
  records.attach(worker);
  return { store, keys, worker };
}

it("what one worker writes the next one has, and one that runs when it is lent again", async () => {
  const records = createPageRecords();
  const first = startWorker(records);
  expect(records.holds("e1")).toBe(false);
  await first.store.set("e1/0/context", Uint8Array.of(1, 2));
  expect(records.holds("e1")).toBe(true);
  expect(records.holds("e")).toBe(false);
  const second = startWorker(records);
  expect(await second.store.get("e1/0/context")).toEqual(Uint8Array.of(1, 2));
  await first.store.set("e1/0/context", Uint8Array.of(3));
  await second.store.set("e1/0/alone", Uint8Array.of(4));
  records.lendTo(second.worker);
  expect(await second.store.get("e1/0/context")).toEqual(Uint8Array.of(3));
  expect(await second.store.get("e1/0/alone")).toEqual(Uint8Array.of(4));
  await second.store.delete("e1/0/context");
  await second.store.delete("e1/0/alone");
  expect(records.holds("e1")).toBe(false);
});

it("a key lives as long as the page, goes from worker to worker and can never be read", async () => {
  const records = createPageRecords();
  const first = startWorker(records);
  const pair = await createKeyPair();
  await first.keys.set("e1/0", pair);
  const second = startWorker(records);
  const kept = await second.keys.get("e1/0");
  if (!kept) throw new Error("the page has lent no key");
  expect((await deviceKeyOf(kept)).public).toBe((await deviceKeyOf(pair)).public);
  expect(kept.privateKey.extractable).toBe(false);
  await second.keys.delete("e1/0");
  expect(await startWorker(records).keys.get("e1/0")).toBeUndefined();
});

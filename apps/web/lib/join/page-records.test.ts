import type { LenderToWorker, WorkerToLender } from "@tandem/client/messages";
import { createLentStore } from "@tandem/client/tab/lent-store";
import { expect, it } from "vitest";
import { createPageRecords } from "./page-records";

/** A worker's end, over which nothing is shared. */
function startWorker(records: ReturnType<typeof createPageRecords>) {
  const listeners: ((event: { readonly data: WorkerToLender }) => void)[] = [];
  const store = createLentStore((change) =>
    listeners.forEach((tell) => void tell({ data: structuredClone(change) })),
  );
  const worker = {
    postMessage: (message: LenderToWorker) => store.lend(structuredClone(message).records),
    addEventListener: (_: "message", listener: (typeof listeners)[number]) =>
      void listeners.push(listener),
  };
  records.attach(worker);
  return { store, worker };
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

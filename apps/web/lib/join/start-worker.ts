import { ledger } from "./ledger";
import { pageRecords } from "./page-records";

/** Computes beside the page: for a client that takes part, or for a model that this browser keeps. */
export function startWorker(): Worker {
  const worker = new Worker(new URL("./client-worker.ts", import.meta.url), { type: "module" });
  pageRecords.attach(worker);
  ledger.attach(worker);
  return worker;
}

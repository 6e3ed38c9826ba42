import type { LenderToWorker, WorkerToLender, WorkerToPage } from "@tandem/client/messages";

/** What of a worker is used. */
type LentTo = {
  postMessage(message: LenderToWorker): void;
  addEventListener(
    type: "message",
    listener: (event: { readonly data: WorkerToLender | WorkerToPage }) => void,
  ): void;
};

/** Workers' records that the browser does not keep, as in a private window: they live as long as the page. */
export function createPageRecords() {
  const records = new Map<string, Uint8Array>();
  const keys = new Map<string, CryptoKeyPair>();
  /** As they are now, in place of what the worker has of them. */
  const lendTo = (worker: Pick<LentTo, "postMessage">) =>
    worker.postMessage({ type: "lend", records, keys });
  return {
    lendTo,
    /** Lends to a new worker, and takes what it writes. */
    attach(worker: LentTo): void {
      worker.addEventListener("message", ({ data }) => {
        if (data.type === "record") put(records, data.key, data.value);
        if (data.type === "key") put(keys, data.name, data.pair);
      });
      lendTo(worker);
    },
    /** Something of an experiment is lost when the page is closed. */
    holds: (experiment: string): boolean =>
      [...records.keys()].some((key) => key.startsWith(`${experiment}/`)),
  };
}

function put<T>(all: Map<string, T>, name: string, value: T | undefined): void {
  if (value === undefined) all.delete(name);
  else all.set(name, value);
}

export const pageRecords = createPageRecords();

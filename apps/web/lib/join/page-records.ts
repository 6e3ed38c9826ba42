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
  /** As they are now, in place of what the worker has of them. */
  const lendTo = (worker: Pick<LentTo, "postMessage">) =>
    worker.postMessage({ type: "lend", records });
  return {
    lendTo,
    /** Lends to a new worker, and takes what it writes. */
    attach(worker: LentTo): void {
      worker.addEventListener("message", ({ data }) => {
        if (data.type !== "record") return;
        if (data.value) records.set(data.key, data.value);
        else records.delete(data.key);
      });
      lendTo(worker);
    },
    /** Something of an experiment is lost when the page is closed. */
    holds: (experiment: string): boolean =>
      [...records.keys()].some((key) => key.startsWith(`${experiment}/`)),
  };
}

export const pageRecords = createPageRecords();

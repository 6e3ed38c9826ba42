/** Computes beside the page: for a client that takes part, or for a model that this browser keeps. */
export const startWorker = (): Worker =>
  new Worker(new URL("./client-worker.ts", import.meta.url), { type: "module" });

import type { FromSetWorker, PackRequest, ReadRequest, ToSetWorker } from "./set-messages";

const stopped = "The worker that reads files has stopped: reload the page, and choose them again.";

/** One job beside the page; `stop` ends it, and then nothing more is told. */
function startJob(job: ToSetWorker, told: (message: FromSetWorker) => void): () => void {
  const worker = new Worker(new URL("./set-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<FromSetWorker>) => {
    if (data.type !== "progress") worker.terminate();
    told(data);
  });
  worker.addEventListener("error", () => {
    worker.terminate();
    told({ type: "failed", message: stopped });
  });
  worker.postMessage(job);
  return () => worker.terminate();
}

export const readFiles = (
  request: Omit<ReadRequest, "type">,
  told: (message: FromSetWorker) => void,
): (() => void) => startJob({ type: "read", ...request }, told);

/** The task with its sets as a zip in the layout of docs/tasks.md; pictures are small by now. */
export const packTask = (request: Omit<PackRequest, "type">): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    startJob({ type: "pack", ...request }, (message) => {
      if (message.type === "packed") resolve(message.zip);
      if (message.type === "failed") reject(new Error(message.message));
    });
  });

import { Worker } from "node:worker_threads";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { DealtData } from "@tandem/core/federated-data";
import type { BlobStore } from "@tandem/core/stores";
import { errorOf, type Failure } from "./upload-messages";

export type ToDealer = { readonly id: number; readonly config: ExperimentConfig };
type FromDealer = { readonly id: number } & (
  | { readonly ok: true; readonly data: DealtData; readonly blobs: readonly Uint8Array[] }
  | Failure
);
type Waiting = {
  readonly resolve: (dealt: Extract<FromDealer, { readonly ok: true }>) => void;
  readonly reject: (error: Error) => void;
};

/** How long the thread keeps its data sets after the last that it was asked. */
const idleMs = 60_000;

/**
 * Deals the shipped data sets to places in a thread: whoever asks first for an experiment's data, a stranger
 * too, has all places' pictures packed, which takes a second or more.
 */
export function createDealer() {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(new URL("./deal-thread.mjs", import.meta.url));
    started.unref();
    started.on("message", (told: FromDealer) => {
      const asked = waiting.get(told.id);
      waiting.delete(told.id);
      if (told.ok) asked?.resolve(told);
      else asked?.reject(errorOf(told));
      if (waiting.size > 0) return;
      idle = setTimeout(end, idleMs);
      idle.unref();
    });
    const gone = (why: string) => {
      if (worker !== started) return;
      worker = undefined;
      const error = new TandemError("unavailable", `The thread that deals data ended: ${why}`);
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on("error", ({ message }) => gone(message));
    started.on("exit", (code) => gone(`exit ${code}`));
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    await worker?.terminate();
  }

  return {
    /** Throws what the data set cannot provide. */
    async deal(config: ExperimentConfig, into: BlobStore): Promise<DealtData> {
      if (isClosed) throw new TandemError("unavailable", "The server is closing.");
      clearTimeout(idle);
      const thread = worker ?? start();
      worker = thread;
      const id = count++;
      const { data, blobs } = await new Promise<Parameters<Waiting["resolve"]>[0]>(
        (resolve, reject) => {
          waiting.set(id, { resolve, reject });
          thread.postMessage({ id, config } satisfies ToDealer);
        },
      );
      for (const bytes of blobs) await into.put(bytes);
      return data;
    },
    async close(): Promise<void> {
      isClosed = true;
      await end();
    },
  };
}

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CoordinatorOptions } from "@tandem/coordinator/ports";
import { readHere, type StoredUpload } from "@tandem/coordinator/upload-reader";
import { TandemError } from "@tandem/core/errors";
import { mostBytes } from "@tandem/core/upload-outline";
import { strategyNamed } from "@tandem/strategies/registry";
import { errorOf, type FromThread, type OfStrategy, type ToThread } from "./upload-messages";

export type UploadThreads = {
  readonly uploads: NonNullable<CoordinatorOptions["uploads"]>;
  close(): Promise<void>;
};

type Thread = {
  ask(message: ToThread): Promise<FromThread & { readonly ok: true }>;
  readonly worker: Worker;
};
type Task = {
  readonly run: (thread: Thread) => Promise<void>;
  readonly fail: (error: Error) => void;
};

/** What unpacks to no more takes this thread a millisecond, which is not worth another. */
const smallBytes = 4096;

/** Threads that unpack, check and add up uploads: one for the first experiment, others when there is much to do. */
export function createUploadThreads({
  threads = Math.max(1, Math.min(4, availableParallelism() - 1)),
  mostWaiting = 512,
} = {}): UploadThreads {
  const idle: Thread[] = [];
  const waiting: Task[] = [];
  const all = new Set<Worker>();
  let isClosed = false;

  function start(): Thread {
    const worker = new Worker(new URL("./upload-thread.mjs", import.meta.url));
    worker.unref();
    all.add(worker);
    let pending: PromiseWithResolvers<FromThread & { readonly ok: true }> | undefined;
    worker.on("message", (told: FromThread) => {
      if (told.ok) pending?.resolve(told);
      else pending?.reject(errorOf(told));
    });
    const ended = (why: string) =>
      new TandemError("unavailable", `The thread that reads uploads ended: ${why}`);
    const gone = (why: string) => {
      all.delete(worker);
      const at = idle.indexOf(thread);
      if (at >= 0) idle.splice(at, 1);
      pending?.reject(ended(why));
    };
    worker.on("error", ({ message }) => gone(message));
    worker.on("exit", (code) => gone(`exit ${code}`));
    const thread: Thread = {
      worker,
      ask(message) {
        if (!all.has(worker)) return Promise.reject(ended("before it was asked"));
        pending = withResolvers();
        worker.postMessage(message);
        return pending.promise;
      },
    };
    return thread;
  }

  function next(): void {
    if (waiting.length === 0) return;
    const thread = idle.pop() ?? (all.size < threads ? start() : undefined);
    const task = thread && waiting.shift();
    if (!task) return;
    void task.run(thread).finally(() => {
      if (all.has(thread.worker)) idle.push(thread);
      next();
    });
  }

  /** Has the work done by the next thread that is free, which does nothing else meanwhile. */
  function exclusively<T>(work: (thread: Thread) => Promise<T>, isBounded: boolean): Promise<T> {
    if (isClosed) return Promise.reject(new TandemError("unavailable", "The server is closing."));
    if (isBounded && waiting.length >= mostWaiting)
      return Promise.reject(
        new TandemError("unavailable", "Too many uploads wait to be read: send yours again."),
      );
    return new Promise((resolve, reject) => {
      waiting.push({ run: (thread) => work(thread).then(resolve, reject), fail: reject });
      next();
    });
  }

  return {
    uploads(strategy, config) {
      const of: OfStrategy = { strategy, config };
      // The first round does not wait for it.
      if (all.size === 0 && !isClosed) idle.push(start());
      const here = readHere(strategyNamed(strategy).server(config));
      return {
        async check(outline, upload) {
          if (mostBytes(outline) <= smallBytes) return here.check(outline, upload);
          const { client, bytes } = upload;
          await exclusively(
            async ({ ask }) => ask({ ...of, type: "check", outline, client, bytes: await bytes() }),
            true,
          );
        },
        async sum(uploads) {
          if (await areSmall(uploads)) return here.sum(uploads);
          return exclusively(async ({ ask }) => {
            for (const [i, { client, age, bytes }] of uploads.entries())
              await ask({
                ...of,
                type: "add",
                isFirst: i === 0,
                client,
                age,
                bytes: await bytes(),
              });
            return (await ask({ ...of, type: "sum" })).sum;
          }, false);
        },
      };
    },
    async close() {
      isClosed = true;
      for (const { fail } of waiting.splice(0))
        fail(new TandemError("unavailable", "The server is closing."));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

async function areSmall(uploads: readonly StoredUpload[]): Promise<boolean> {
  for (const { bytes } of uploads) if ((await bytes()).length > smallBytes) return false;
  return true;
}

type PromiseWithResolvers<T> = {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
};
/** As of Node 22. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

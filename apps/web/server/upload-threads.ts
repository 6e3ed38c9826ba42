import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CoordinatorOptions } from "@tandem/coordinator/ports";
import { type AgedUpload, createSumNames, type Given } from "@tandem/coordinator/running-sum";
import {
  readHere,
  type StoredUpload,
  type UploadReader,
  without,
} from "@tandem/coordinator/upload-reader";
import { TandemError } from "@tandem/core/errors";
import type { Payload } from "@tandem/core/payload";
import { mostBytes } from "@tandem/core/upload-outline";
import { strategyNamed } from "@tandem/strategies/registry";
import {
  buffersOf,
  errorOf,
  type FromThread,
  type OfReader,
  smallBytes,
  type Told,
  type ToThread,
} from "./upload-messages";

export type UploadThreads = {
  readonly uploads: NonNullable<CoordinatorOptions["uploads"]>;
  close(): Promise<void>;
};

type Thread = {
  /** Answered in the order of asking. */
  ask(message: ToThread): Promise<Told>;
  /** What is not answered. */
  tell(message: ToThread): void;
  readonly worker: Worker;
};
type Task = {
  readonly run: (thread: Thread) => Promise<void>;
  readonly fail: (error: Error) => void;
};

/** Has the work done by the next thread that is free, which does nothing else meanwhile. */
type Exclusively = <T>(work: (thread: Thread) => Promise<T>, isBounded: boolean) => Promise<T>;

/** Threads that unpack, check and add up uploads: one for the first experiment, others when there is much to do. */
export function createUploadThreads({
  threads = Math.max(1, Math.min(4, availableParallelism() - 1)),
  mostWaiting = 512,
} = {}): UploadThreads {
  const idle: Thread[] = [];
  const waiting: Task[] = [];
  const all = new Set<Worker>();
  let isClosed = false;
  let readers = 0;

  function start(): Thread {
    const worker = new Worker(new URL("./upload-thread.mjs", import.meta.url));
    worker.unref();
    all.add(worker);
    const asked: PromiseWithResolvers<Told>[] = [];
    worker.on("message", (told: FromThread) => {
      const pending = asked.shift();
      if (told.ok) pending?.resolve(told);
      else pending?.reject(errorOf(told));
    });
    const ended = (why: string) =>
      new TandemError("unavailable", `The thread that reads uploads ended: ${why}`);
    const gone = (why: string) => {
      all.delete(worker);
      const at = idle.indexOf(thread);
      if (at >= 0) idle.splice(at, 1);
      for (const { reject } of asked.splice(0)) reject(ended(why));
    };
    worker.on("error", ({ message }) => gone(message));
    worker.on("exit", (code) => gone(`exit ${code}`));
    const thread: Thread = {
      worker,
      ask(message) {
        if (!all.has(worker)) return Promise.reject(ended("before it was asked"));
        const pending = withResolvers<Told>();
        asked.push(pending);
        worker.postMessage(message, message.type === "merge" ? buffersOf(message.sum) : []);
        return pending.promise;
      },
      tell(message) {
        if (all.has(worker)) worker.postMessage(message);
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

  const exclusively: Exclusively = (work, isBounded) => {
    if (isClosed) return Promise.reject(new TandemError("unavailable", "The server is closing."));
    if (isBounded && waiting.length >= mostWaiting)
      return Promise.reject(
        new TandemError("unavailable", "Too many uploads wait to be read: send yours again."),
      );
    return new Promise((resolve, reject) => {
      waiting.push({ run: (thread) => work(thread).then(resolve, reject), fail: reject });
      next();
    });
  };

  return {
    uploads(strategy, config) {
      // The first round does not wait for it.
      if (all.size === 0 && !isClosed) idle.push(start());
      return readerOf({ reader: readers++, strategy, config }, exclusively);
    },
    async close() {
      isClosed = true;
      for (const { fail } of waiting.splice(0))
        fail(new TandemError("unavailable", "The server is closing."));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** Small uploads are read in this thread, others in whichever has the time. */
function readerOf(of: OfReader, exclusively: Exclusively): UploadReader {
  const here = readHere(strategyNamed(of.strategy).server(of.config));
  const names = createSumNames();
  /** Which thread has unpacked what is not yet taken, by client. */
  const unpacked = new Map<string, Thread>();
  const adding = new Set<Thread>();

  /** Has the threads' sums, of those who are in no other. */
  async function running(uploads: readonly AgedUpload[]): Promise<readonly Given[]> {
    const name = names.close();
    const threads = [...adding];
    adding.clear();
    const named = uploads.map(({ client, hash, age }) => ({ client, hash, age }));
    const given = threads.map(({ ask }) =>
      // Of a thread that has ended everything is read from the store.
      ask({ ...of, type: "give", name, uploads: named }).catch(() => undefined),
    );
    return (await Promise.all(given)).flatMap((told) =>
      told?.sum && told.clients ? { sum: told.sum, clients: told.clients } : [],
    );
  }

  return {
    async check(outline, upload) {
      unpacked.delete(upload.client.id);
      if (mostBytes(outline) <= smallBytes) return here.check(outline, upload);
      const { client, hash, bytes } = upload;
      await exclusively(async (thread) => {
        await thread.ask({ ...of, type: "check", outline, client, hash, bytes: await bytes() });
        unpacked.set(client.id, thread);
      }, true);
    },
    taken(round, { client, hash }) {
      const thread = unpacked.get(client.id);
      unpacked.delete(client.id);
      const upload = { client, hash };
      if (!thread) return here.taken(round, upload);
      adding.add(thread);
      thread.tell({ ...of, type: "take", name: names.of(round, client.id), upload });
    },
    async sum(uploads) {
      const [small, large] = [here.given(uploads), await running(uploads)];
      const sums = small ? [small, ...large] : large;
      const rest = without(
        uploads,
        sums.flatMap(({ clients }) => clients),
      );
      if (rest.length === 0 && sums.length === 1) return sums[0].sum;
      if (large.length === 0 && (await areSmall(rest))) return here.add(small?.sum, rest);
      return exclusively(({ ask }) => addUp(ask, of, sums, rest), false);
    },
  };
}

async function addUp(
  ask: Thread["ask"],
  of: OfReader,
  sums: readonly Given[],
  rest: readonly (StoredUpload & AgedUpload)[],
): Promise<Payload | undefined> {
  for (const [i, { sum }] of sums.entries())
    await ask({ ...of, type: "merge", isFirst: i === 0, sum });
  for (const [i, { client, hash, age, bytes }] of rest.entries()) {
    const isFirst = i === 0 && sums.length === 0;
    await ask({ ...of, type: "add", isFirst, client, hash, age, bytes: await bytes() });
  }
  return (await ask({ ...of, type: "sum" })).sum;
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

import { type Transferable, Worker } from "node:worker_threads";
import { TandemError } from "@tandem/core/errors";
import type { ServerEnv } from "@tandem/core/strategy";
import { errorOf, type Failure } from "./upload-messages";

/** What the thread tells of the question of an id. */
export type FromAsked<Told> = { readonly id: number } & (
  | ({ readonly ok: true } & Told)
  | Failure
  | { readonly ok: undefined; readonly fraction: number; readonly note: string }
);
/** What it is told: a question, or that the answer to one is not wanted any more. */
export type ToAsked<Asked> = { readonly id: number } & (Asked | { readonly abort: true });

type Waiting<Told> = {
  readonly resolve: (told: Told) => void;
  readonly reject: (error: Error) => void;
  readonly progress?: ServerEnv["progress"] | undefined;
};

/** One thread, which starts when it is asked something and ends when it has been asked nothing for long. */
export function createAskedThread<Asked extends object, Told>(options: {
  readonly file: URL;
  /** In words, for errors. */
  readonly does: string;
  readonly idleMs: number;
}) {
  const { file, does, idleMs } = options;
  const waiting = new Map<number, Waiting<Told>>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(file);
    started.unref();
    started.on("message", (told: FromAsked<Told>) => {
      const asked = waiting.get(told.id);
      if (told.ok === undefined) return asked?.progress?.(told.fraction, told.note);
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
      const error = new TandemError("unavailable", `The thread that ${does} ended: ${why}`);
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
    /** Throws what the thread has thrown, or `unavailable`. */
    ask(
      asked: Asked,
      {
        transfer = [],
        signal,
        progress,
      }: {
        readonly transfer?: readonly Transferable[];
        readonly signal?: AbortSignal;
        readonly progress?: ServerEnv["progress"];
      } = {},
    ): Promise<Told> {
      if (isClosed) return Promise.reject(new TandemError("unavailable", "The server is closing."));
      clearTimeout(idle);
      const thread = worker ?? start();
      worker = thread;
      const id = count++;
      signal?.addEventListener("abort", () => {
        if (waiting.has(id)) thread.postMessage({ id, abort: true });
      });
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, progress });
        thread.postMessage({ ...asked, id }, transfer);
      });
    },
    async close(): Promise<void> {
      isClosed = true;
      await end();
    },
  };
}

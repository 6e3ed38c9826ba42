import { TandemError, unreachable } from "@tandem/core/errors";
import type {
  ModelAddress,
  ModelQuestion,
  ModelQuestions,
  ModelToPage,
  PageToModel,
} from "./messages";

type Port = {
  postMessage(message: PageToModel): void;
  addEventListener(
    type: "message",
    listener: (event: { readonly data: ModelToPage }) => void,
  ): void;
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
};

export type AskModel = <Q extends ModelQuestion>(
  question: Q,
  asks: ModelQuestions[Q]["asks"],
  options?: {
    readonly signal?: AbortSignal;
    readonly progress?: (fraction: number) => void;
  },
) => Promise<ModelQuestions[Q]["answer"]>;

type Waiting = {
  readonly progress: (fraction: number) => void;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: TandemError) => void;
};

/** The page's end of a worker that `serveModel` serves. Questions reject with what went wrong there. */
export function askModel(worker: Port, of: ModelAddress): AskModel {
  const waiting = new Map<number, Waiting>();
  let ids = 0;

  worker.addEventListener("message", ({ data }) => {
    const one = waiting.get(data.id);
    if (!one) return;
    switch (data.type) {
      case "progress":
        return one.progress(data.fraction);
      case "done":
        waiting.delete(data.id);
        return one.resolve(data.answer as never); // the worker's own types
      case "failed":
        waiting.delete(data.id);
        return one.reject(new TandemError(data.code, data.message));
      default:
        return unreachable(data);
    }
  });
  worker.addEventListener("error", ({ message = "" }) => {
    const text = `The part of the page that runs the model has stopped (${message}): reload the page.`;
    for (const { reject } of waiting.values()) reject(new TandemError("unavailable", text));
    waiting.clear();
  });

  return (question, asks, { signal, progress = () => {} } = {}) => {
    const id = ++ids;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        if (waiting.delete(id)) reject(new TandemError("cancelled", "It was cancelled."));
        worker.postMessage({ type: "cancel", id });
      };
      waiting.set(id, { progress, resolve, reject });
      worker.postMessage({
        type: "ask",
        id,
        of,
        request: { question, ...asks } as Extract<PageToModel, { type: "ask" }>["request"],
      });
      signal?.addEventListener("abort", cancel, { once: true });
      if (signal?.aborted) cancel();
    });
  };
}

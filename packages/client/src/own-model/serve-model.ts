import { codeOf, messageOf } from "@tandem/core/errors";
import { type AnsweringHost, answer } from "./answer";
import type { ModelToPage, PageToModel } from "./messages";

/** Answers what a page asks of its models; each question can be cancelled by its id. */
export function serveModel(
  host: AnsweringHost,
  post: (message: ModelToPage) => void,
): (message: PageToModel) => Promise<void> {
  const running = new Map<number, AbortController>();
  return async (message) => {
    const { id } = message;
    if (message.type === "cancel") return running.get(id)?.abort();
    const abort = new AbortController();
    running.set(id, abort);
    let told = 0;
    const progress = (fraction: number) => {
      if (fraction - told < 0.01 && fraction < 1) return;
      told = fraction;
      post({ type: "progress", id, fraction });
    };
    try {
      const { signal } = abort;
      post({
        type: "done",
        id,
        answer: await answer(host, message.of, message.request, { signal, progress }),
      });
    } catch (error) {
      const code = abort.signal.aborted ? "cancelled" : (codeOf(error) ?? "unavailable");
      post({ type: "failed", id, code, message: messageOf(error) });
    } finally {
      running.delete(id);
    }
  };
}

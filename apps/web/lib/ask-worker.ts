import type { ErrorCode } from "@tandem/core/errors";

/** What of a worker is used that answers each question once, by its id. */
export type AskedWorker<Ask, Answer> = {
  postMessage(message: Ask & { readonly id: number }): void;
  onmessage: ((event: MessageEvent<Answered<Answer>>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};

export type Answered<Answer> = { readonly id: number } & (
  | { readonly answer: Answer }
  | { readonly code: ErrorCode; readonly message: string }
);

/** Asks a worker that is started with the first question; throws what it says, or that it has stopped. */
export function askWorker<Ask extends object, Answer>(
  start: () => AskedWorker<Ask, Answer>,
  what: string,
): (ask: Ask) => Promise<Answer> {
  const waiting = new Map<number, (answered: Answered<Answer>) => void>();
  let ids = 0;
  let worker: AskedWorker<Ask, Answer> | undefined;

  function opened(): AskedWorker<Ask, Answer> {
    if (worker) return worker;
    const started = start();
    started.onmessage = ({ data }) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
    started.onerror = ({ message = "its parts could not be loaded" }) => {
      worker = undefined; // another try starts another one
      const text = `What ${what} has stopped (${message}): reload the page.`;
      for (const [id, settle] of waiting) settle({ id, code: "unavailable", message: text });
      waiting.clear();
    };
    worker = started;
    return started;
  }

  return async (ask) => {
    const id = ++ids;
    const answered = await new Promise<Answered<Answer>>((resolve) => {
      waiting.set(id, resolve);
      opened().postMessage({ ...ask, id });
    });
    if ("message" in answered) throw new Error(answered.message);
    return answered.answer;
  };
}

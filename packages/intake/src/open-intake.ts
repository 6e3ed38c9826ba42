import { TandemError, unreachable } from "@tandem/core/errors";
import { arrange, noChoices } from "./arrange";
import type { PickedFile } from "./files/browser-files";
import type { Intake, IntakeTask, Picture, Progress, TableRow } from "./intake";
import type { IntakePort, IntakeToPage, PageToIntake } from "./messages";

export type IntakeClient = {
  /** As `readSources`, elsewhere: the page goes on meanwhile. */
  read(
    files: readonly PickedFile[],
    options: {
      readonly task: IntakeTask;
      readonly signal?: AbortSignal;
      readonly progress?: (progress: Progress) => void;
    },
  ): Promise<Intake>;
};

type Port = IntakePort<PageToIntake, IntakeToPage> & {
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
};
type Waiting = {
  readonly pictures: Picture[];
  readonly rows: Map<number, TableRow[]>;
  readonly progress: (progress: Progress) => void;
  readonly resolve: (intake: Intake) => void;
  readonly reject: (error: TandemError) => void;
};

/** The page's end of a worker that `serveIntake` serves. */
export function openIntake(worker: Port): IntakeClient {
  const waiting = new Map<number, Waiting>();
  let ids = 0;

  function take(one: Waiting, message: IntakeToPage) {
    switch (message.type) {
      case "progress":
        return one.progress(message.progress);
      case "pictures":
        return void one.pictures.push(...message.pictures);
      case "rows": {
        const rows = one.rows.get(message.table) ?? [];
        rows.push(...message.rows);
        return void one.rows.set(message.table, rows);
      }
      case "done": {
        const { reading } = message;
        const tables = reading.tables.map((table, i) => ({
          ...table,
          rows: one.rows.get(i) ?? [],
        }));
        waiting.delete(message.id);
        return one.resolve(arrange({ ...reading, pictures: one.pictures, tables }, noChoices));
      }
      case "failed":
        waiting.delete(message.id);
        return one.reject(new TandemError(message.code, message.message));
      default:
        return unreachable(message);
    }
  }

  worker.addEventListener("message", ({ data }) => {
    const one = waiting.get(data.id);
    if (one) take(one, data);
  });
  worker.addEventListener("error", ({ message = "" }) => {
    const text = `The worker that reads files has stopped (${message}): reload the page.`;
    for (const { reject } of waiting.values()) reject(new TandemError("unavailable", text));
    waiting.clear();
  });

  return {
    read(files, { task, signal, progress = () => {} }) {
      const id = ++ids;
      return new Promise((resolve, reject) => {
        const cancel = () => {
          if (waiting.delete(id))
            reject(new TandemError("cancelled", "Reading was cancelled; nothing was kept."));
          worker.postMessage({ type: "cancel", id }, []);
        };
        waiting.set(id, { pictures: [], rows: new Map(), progress, resolve, reject });
        worker.postMessage({ type: "read", id, files, task }, []);
        signal?.addEventListener("abort", cancel);
        if (signal?.aborted) cancel();
      });
    },
  };
}

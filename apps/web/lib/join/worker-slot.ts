import type {
  ClientState,
  PageToWorker,
  WorkerToLender,
  WorkerToPage,
} from "@tandem/client/messages";
import { messageOf } from "@tandem/core/errors";

/** What of a worker is used. */
export type ClientWorker = Pick<Worker, "postMessage" | "terminate"> & {
  onmessage: ((event: MessageEvent<WorkerToPage | WorkerToLender>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};

/** One worker at a time; what an earlier one says, or was to happen for it, no longer counts. */
export function createWorkerSlot(
  start: () => ClientWorker,
  pause: (ms: number, then: () => void) => unknown,
) {
  let worker: ClientWorker | undefined;
  let generation = 0;
  const dispose = () => {
    generation++;
    worker?.terminate();
    worker = undefined;
  };
  /** To ask, after a wait, whether nothing else has begun meanwhile. */
  const stillThis = () => {
    const own = generation;
    return () => generation === own;
  };
  return {
    dispose,
    stillThis,
    isEmpty: () => worker === undefined,
    say: (message: PageToWorker) => worker?.postMessage(message),
    later(ms: number, then: () => void): void {
      const isThis = stillThis();
      pause(ms, () => isThis() && then());
    },
    /** A worker that is first told this; `onBreak` is given what it says that broke, if anything. */
    run(
      message: PageToWorker,
      on: {
        readonly state: (state: ClientState) => void;
        readonly broken: (message: string) => void;
        readonly refused: (why: string) => void;
      },
    ): void {
      dispose();
      const isThis = stillThis();
      try {
        worker = start();
      } catch (error) {
        on.refused(messageOf(error));
        return;
      }
      worker.onmessage = ({ data }) => data.type === "state" && isThis() && on.state(data.state);
      worker.onerror = ({ message: why = "" }) => isThis() && on.broken(why);
      worker.postMessage(message);
    },
  };
}

import { TandemError } from "@tandem/core/errors";
import type { BaseReport } from "@tandem/diffusion/training/base-training";
import type { BaseOfTask } from "./base-of-task";
import { forkEntry, letGo } from "./fork";
import { errorOf, type Failure } from "./messages";

export type ToTraining =
  | { readonly type: "train"; readonly options: BaseOfTask }
  | { readonly type: "stop" };

export type FromTraining =
  | { readonly type: "progress"; readonly report: BaseReport }
  | { readonly type: "saved"; readonly step: number }
  | { readonly type: "ended"; readonly step: number; readonly finished: boolean }
  | ({ readonly type: "failed" } & Failure);

export type TrainingProcess = {
  readonly pid: number;
  /** Rejects with what the training failed of, or `unavailable` if the process died. */
  readonly ended: Promise<{ readonly step: number; readonly finished: boolean }>;
  /** Lets it save and end; `kill` does not wait. */
  stop(how: "save" | "kill"): void;
};

/** The training of a task's base in a child process. */
export function startTrainingProcess(
  options: BaseOfTask,
  told: {
    readonly onProgress: (report: BaseReport) => void;
    readonly onSaved: (step: number) => void;
  },
): TrainingProcess {
  const { child, ended: gone } = forkEntry("./training-main.ts");
  // A channel that has just closed: the end of the process tells it.
  const send = (message: ToTraining) => child.connected && child.send(message, () => {});
  send({ type: "train", options });
  const outcome = new Promise<{ step: number; finished: boolean }>((resolve, reject) => {
    child.on("message", (message: FromTraining) => {
      if (message.type === "progress") told.onProgress(message.report);
      else if (message.type === "saved") told.onSaved(message.step);
      else if (message.type === "ended") resolve(message);
      else reject(errorOf(message));
    });
    gone.then((how) => reject(new TandemError("unavailable", `The training process ended ${how}`)));
  });
  return {
    pid: child.pid ?? 0,
    ended: outcome.finally(() => letGo(child)),
    stop(how) {
      if (how === "kill") child.kill("SIGKILL");
      else send({ type: "stop" });
    },
  };
}

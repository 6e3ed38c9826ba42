import { codeOf } from "@tandem/core/errors";
import type { TaskRecord } from "@tandem/core/task";
import { toldOf } from "@tandem/core/told-error";
import { folderOfTeacher } from "@tandem/teacher/task-teacher";
import { startTrainingProcess, type TrainingProcess } from "@tandem/teacher/training-process";
import type { TaskSource } from "@tandem/teacher/world";
import type { Logger } from "pino";
import type { BaseFolder, KeptTraining } from "./base-folder";

export type BaseJob = {
  readonly id: string;
  readonly name: string;
  kept(): KeptTraining;
  /** By the speed so far. */
  secondsLeft(): number | undefined;
  /**
   * Resolves once its process is gone. A cancelled training waits for somebody to ask for it; a server that
   * closes goes on with its own when it is back.
   */
  end(why: "cancel" | "close", how: "save" | "kill"): Promise<void>;
  readonly done: Promise<void>;
};

export type BaseJobOptions = {
  readonly folder: BaseFolder;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly now: () => number;
  /** Between checkpoints. */
  readonly saveSeconds: number;
  /** Told the process id at each start. */
  readonly onStart?: ((pid: number) => void) | undefined;
};

/** Starts of a process without a checkpoint in between. */
const mostStarts = 3;
const patienceMs = 15_000;

/** Trains until the base is in its place, or until it fails or is stopped; a process that dies is started again. */
export function startBaseJob(
  { id, task: { name } }: TaskRecord,
  source: TaskSource,
  first: KeptTraining,
  { folder, log, now, saveSeconds, onStart }: BaseJobOptions,
): BaseJob {
  let kept = first;
  let secondsLeft: number | undefined;
  let running: TrainingProcess | undefined;
  let ending: "cancel" | "close" | undefined;
  let writes = Promise.resolve();

  function keep(change: Partial<KeptTraining>): Promise<void> {
    kept = { ...kept, ...change };
    const record = kept;
    writes = writes.then(() => folder.write(id, record));
    return writes;
  }

  /** One process; resolves with whether the training is done. */
  async function run(onSaved: () => void): Promise<boolean> {
    const { limit, from } = kept;
    const init = from && folderOfTeacher({ kind: "shipped", checkpoint: from });
    const directory = folder.pathOf(id, "training");
    running = startTrainingProcess(
      { source, directory, limit, init, saveSeconds, threads: 2 },
      {
        onProgress(report) {
          const { step, fraction, meanLoss: loss, samplesPerSecond } = report;
          kept = { ...kept, step, fraction, loss, samplesPerSecond };
          secondsLeft = report.secondsLeft;
        },
        onSaved(step) {
          onSaved();
          keep({ step }).catch((error: unknown) => log.error({ err: error, task: id }, "not kept"));
        },
      },
    );
    onStart?.(running.pid);
    const { step, finished } = await running.ended;
    if (!finished) return false;
    await keep({ status: "done", step, fraction: 1, finishedAt: now() });
    await folder.publish(id);
    log.info({ task: id, steps: step }, "base trained");
    return true;
  }

  async function train(): Promise<void> {
    let starts = 0;
    while (ending === undefined) {
      starts++;
      try {
        const done = await run(() => {
          starts = 0;
        });
        if (done) return;
      } catch (error) {
        log.warn({ task: id, err: error }, "the training of a base ended");
        const again = codeOf(error) === "unavailable" && starts < mostStarts;
        if (ending === undefined && !again)
          return keep({ status: "failed", problem: toldOf(error).message });
      }
    }
    if (ending === "cancel") await keep({ status: "paused" });
    await writes;
  }

  const done = train().catch((error: unknown) =>
    log.error({ err: error, task: id }, "what became of the training of a base is not kept"),
  );
  return {
    id,
    name,
    kept: () => kept,
    secondsLeft: () => secondsLeft,
    async end(why, how) {
      ending ??= why;
      running?.stop(how);
      const kill = setTimeout(() => running?.stop("kill"), patienceMs);
      await done;
      clearTimeout(kill);
    },
    done,
  };
}

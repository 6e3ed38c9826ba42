import { codeOf, TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import { toldOf } from "@tandem/core/told-error";
import { sheetColumns } from "@tandem/protocol/sheet";
import type { PaintingView } from "@tandem/protocol/view";

export const queueLimits = {
  /** Of one experiment, that wait or are painted. */
  most: 8,
  /** Nobody looks at it any more: it is not painted. */
  unseenMs: 20_000,
  keptMs: 300_000,
  kept: 100,
};

type Pictures = NonNullable<PaintingView["pictures"]>;
/** A sheet as PNG, and what it shows. */
export type Painted = Pick<Pictures, "shows" | "taughtIn"> & { readonly sheet: Uint8Array };

type Job = {
  readonly id: string;
  readonly experiment: ExperimentId;
  readonly prompt: string;
  readonly abort: AbortController;
  state: PaintingView["state"];
  fraction: number;
  seenAt: number;
  endedAt?: number;
  problem?: string;
  painted?: Painted;
};

export type Paint = (
  asked: Pick<Job, "experiment" | "prompt">,
  options: { readonly signal: AbortSignal; readonly progress: (fraction: number) => void },
) => Promise<Painted>;

/** What is asked to be painted: of each experiment one at a time; what has been painted is kept a while. */
export function createPaintQueue(options: {
  readonly paint: Paint;
  readonly now: () => number;
  /** Names that nobody guesses: prompts are read by whoever knows one. */
  readonly random: () => string;
  /** Of what nobody expects. */
  readonly logError: (error: unknown) => void;
}) {
  const { now, random } = options;
  const jobs = new Map<string, Job>();
  const queueOf = (id: ExperimentId) =>
    [...jobs.values()].filter((job) => job.experiment === id && isOpen(job));

  /** Ends what nobody looks at, and forgets what has ended a while ago. */
  function sweep(): void {
    for (const job of jobs.values())
      if (isOpen(job) && now() - job.seenAt > queueLimits.unseenMs) cancel(job);
    const ended = [...jobs.values()].filter((job) => !isOpen(job));
    const surplus = ended.length - queueLimits.kept;
    for (const [i, { id, endedAt = 0 }] of ended.entries())
      if (i < surplus || now() - endedAt > queueLimits.keptMs) jobs.delete(id);
  }

  function end(job: Job, how: Pick<Job, "state"> & Partial<Job>): void {
    if (isOpen(job)) Object.assign(job, how, { endedAt: now() });
  }

  function cancel(job: Job): void {
    job.abort.abort();
    // What is painted now ends when the teacher has let go of it.
    if (job.state === "waiting") end(job, { state: "failed", problem: "It was cancelled." });
  }

  /** Begins with the next one where none is painted. */
  function goOn(id: ExperimentId): void {
    sweep();
    const queue = queueOf(id);
    const [next] = queue;
    if (!next || queue.some(({ state }) => state === "painting")) return;
    next.state = "painting";
    const progress = (fraction: number) => {
      next.fraction = fraction;
    };
    void options
      .paint(next, { signal: next.abort.signal, progress })
      .then(
        (painted) => end(next, { state: "done", fraction: 1, painted }),
        (error: unknown) => end(next, { state: "failed", problem: problemOf(error) }),
      )
      .then(() => goOn(id));
  }

  function problemOf(error: unknown): string {
    const { message, isWhole } = toldOf(error);
    if (!isWhole) options.logError(error);
    return codeOf(error) === undefined
      ? "It could not be painted; the server's log says why."
      : message;
  }

  function jobOf(id: ExperimentId, painting: string): Job {
    const job = jobs.get(painting);
    if (job?.experiment === id) return job;
    throw new TandemError(
      "not-found",
      `There is no such painting: they are kept for ${queueLimits.keptMs / 60_000} minutes. Ask for it again.`,
    );
  }

  function viewOf(job: Job): PaintingView {
    const { id, experiment, prompt, state, fraction, painted, problem } = job;
    const { sheet: _, ...shown } = painted ?? { shows: [] };
    return {
      ...{ id, prompt, state, fraction },
      ahead: Math.max(0, queueOf(experiment).indexOf(job)),
      ...(painted && {
        pictures: {
          sheet: `/api/experiments/${experiment}/paintings/${id}/sheet.png`,
          columns: sheetColumns(shown.shows.length),
          ...shown,
        },
      }),
      ...(problem !== undefined && { problem }),
    };
  }

  return {
    /** How many wait or are painted. */
    length(id: ExperimentId): number {
      sweep();
      return queueOf(id).length;
    },
    add(experiment: ExperimentId, prompt: string): PaintingView {
      const job: Job = {
        ...{ id: random(), experiment, prompt, abort: new AbortController() },
        ...{ state: "waiting", fraction: 0, seenAt: now() },
      };
      jobs.set(job.id, job);
      goOn(experiment);
      return viewOf(job);
    },
    look(id: ExperimentId, painting: string): PaintingView {
      const job = jobOf(id, painting);
      job.seenAt = now();
      return viewOf(job);
    },
    /** A PNG of its pictures; throws `not-found` before they are painted. */
    sheet(id: ExperimentId, painting: string): Uint8Array {
      const { painted } = jobOf(id, painting);
      if (painted) return painted.sheet;
      throw new TandemError("not-found", "It is not painted yet.");
    },
    cancel: (id: ExperimentId, painting: string): void => cancel(jobOf(id, painting)),
    close(): void {
      for (const job of jobs.values()) cancel(job);
    },
  };
}

const isOpen = ({ state }: Job) => state === "waiting" || state === "painting";

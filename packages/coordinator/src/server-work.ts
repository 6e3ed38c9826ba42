import { messageOf } from "@tandem/core/errors";
import type { Phase } from "@tandem/core/experiment";
import type { Metrics, ServerEnv } from "@tandem/core/strategy";
import { toldOf } from "@tandem/core/told-error";
import { absentTeacher } from "./absent-teacher";
import type { Commits } from "./commits";
import { environmentOf } from "./environment";
import type { CoordinatorOptions } from "./ports";
import type { RoundEvent } from "./round/round-state";
import type { Runtime } from "./runtime";
import { metricsOf } from "./summary";

const attempts = 3;

/** What a phase has the server itself do, and the event that it ends with. */
export type Work = (
  env: ServerEnv,
) => Promise<{ readonly event: RoundEvent; readonly metrics?: Metrics }>;

/** Does a phase's work once, tries it again if it fails, and drops it when the phase is over. */
export function createServerWork(
  options: CoordinatorOptions & {
    readonly changed: (runtime: Runtime) => void;
    readonly commits: Commits;
  },
) {
  const { clock, log, changed } = options;
  const { dispatch, insist } = options.commits;

  /** Several attempts with growing pauses, then the experiment fails with the reason. */
  async function attempt(runtime: Runtime, phase: Phase, work: Work, signal: AbortSignal) {
    const { round } = runtime.state;
    for (let count = 1; !signal.aborted; count++) {
      try {
        const done = await work(await environment(runtime, phase, signal));
        if (signal.aborted) return;
        const metrics = { ...metricsOf(runtime.metrics, round), ...done.metrics };
        // Its own success must not be mistaken for having been overtaken.
        if (runtime.work?.abort.signal === signal) runtime.work = undefined;
        await dispatch(runtime, done.event, { metrics: [{ round, metrics }], signal });
        return;
      } catch (error) {
        if (signal.aborted || runtime.closed) return;
        const message = messageOf(error);
        log("step failed", { experiment: runtime.record.id, round, phase, count, message });
        if (count === attempts) {
          const reason = `${phase} of round ${round} failed: ${toldOf(error).message} Resume to try again.`;
          return insist(runtime, { type: "broken", message: reason });
        }
        await pause(1000 * 2 ** count, signal);
      }
    }
  }

  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      signal.addEventListener("abort", () => {
        cancel();
        resolve();
      });
    });

  async function environment(
    runtime: Runtime,
    phase: Phase,
    signal: AbortSignal,
  ): Promise<ServerEnv> {
    const { config } = runtime.record;
    return environmentOf({
      seed: config.seed,
      round: runtime.state.round,
      phase,
      classes: (await runtime.data()).classes,
      teacher: runtime.needs.teacher ? await options.teacher(config) : absentTeacher,
      signal,
      progress(fraction, note) {
        if (signal.aborted) return;
        runtime.progress = { fraction, note };
        changed(runtime);
      },
    });
  }

  /** Begins a phase's work unless it is under way already, or the phase is over. */
  return function start(runtime: Runtime, phase: Phase, work: Work): void {
    if (runtime.state.phase !== phase || runtime.state.status !== "running") return;
    const key = `${runtime.state.round}/${phase}`;
    if (runtime.work?.key === key) return;
    runtime.work?.abort.abort();
    const abort = new AbortController();
    runtime.work = { key, abort };
    runtime.progress = { fraction: 0, note: "" };
    void attempt(runtime, phase, work, abort.signal).finally(() => {
      if (runtime.work?.abort === abort) runtime.work = undefined;
    });
  };
}

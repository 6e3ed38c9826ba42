import type { Metrics } from "@tandem/core/strategy";
import type { ExperimentView } from "@tandem/protocol/view";
import { timeline } from "../live/timeline";

/** A round that has ended: what had been spent by then, and what it has measured. */
export type Moment = {
  readonly round: number;
  /** Of all clients, up and down, since the start. */
  readonly bytes: number;
  /** Since the start, without waiting for clients to join. */
  readonly ms: number;
  readonly metrics: Metrics;
};

/** Of single rounds, beside what their metrics hold. */
export const spentMetrics = ["spent/up", "spent/down", "spent/ms"] as const;

/** The rounds of a run that have ended, in order. */
export function courseOf({ rounds }: Pick<ExperimentView, "rounds">): readonly Moment[] {
  const ended = rounds.filter(({ endedAt }) => endedAt !== undefined);
  let [bytes, ms] = [0, 0];
  return timeline(ended, 0, false).map(({ segments }, i) => {
    const { round, metrics, bytesUp, bytesDown } = ended[i];
    const took = segments
      .filter(({ phase }) => phase !== "recruiting")
      .reduce((sum, { durationMs }) => sum + durationMs, 0);
    bytes += bytesUp + bytesDown;
    ms += took;
    const spent = { "spent/up": bytesUp, "spent/down": bytesDown, "spent/ms": took };
    return { round, bytes, ms, metrics: { ...metrics, ...spent } };
  });
}

/** Names of all that these have measured, sorted, what was spent last. */
export function metricsOf(courses: readonly (readonly Moment[])[]): readonly string[] {
  const names = new Set<string>();
  for (const course of courses)
    for (const { metrics } of course) for (const name of Object.keys(metrics)) names.add(name);
  for (const name of spentMetrics) names.delete(name);
  return names.size === 0 ? [] : [...[...names].sort(), ...spentMetrics];
}

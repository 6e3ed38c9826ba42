import type { Phase } from "@tandem/core/experiment";
import type { RoundView } from "@tandem/protocol/view";

export type Segment = {
  readonly phase: Phase;
  readonly durationMs: number;
  /** Share of the longest round, 0-1. */
  readonly width: number;
  readonly running: boolean;
};
export type TimelineRow = {
  readonly round: number;
  readonly totalMs: number;
  readonly segments: readonly Segment[];
};

/**
 * One row a round, on one time scale. A round without an end runs until `now`, unless the
 * experiment has stopped: then it ends with its last known phase.
 */
export function timeline(
  rounds: readonly RoundView[],
  now: number,
  running: boolean,
): readonly TimelineRow[] {
  const rows = rounds.map(({ round, phases, endedAt }) => {
    const open = endedAt === undefined;
    const end = endedAt ?? (running ? now : (phases.at(-1)?.at ?? now));
    const segments = phases.map(({ phase, at }, i) => ({
      phase,
      durationMs: Math.max(0, (phases[i + 1]?.at ?? end) - at),
      running: open && running && i === phases.length - 1,
    }));
    return { round, segments, totalMs: segments.reduce((sum, s) => sum + s.durationMs, 0) };
  });
  const longest = Math.max(1, ...rows.map((row) => row.totalMs));
  return rows.map(({ round, totalMs, segments }) => ({
    round,
    totalMs,
    segments: segments.map((segment) => ({ ...segment, width: segment.durationMs / longest })),
  }));
}

import type { JoiningView, RoundView } from "@tandem/protocol/view";

export type Expectation = {
  readonly rounds: number;
  /** For all of them: as rounds have been so far, or of this tab's computing at most. */
  readonly time: { readonly ms: number; readonly isLimit: boolean };
  /** Program and data, once, in bytes. */
  readonly download: number;
  /** Of one tab in one round, in bytes; undefined before there was one. */
  readonly perRound?: { readonly up: number; readonly down: number };
};

/** What a tab downloads beside its data: worker, backend and font, as e2e/join-page.spec.ts measures. */
export const programBytes = 660_000;

/** What somebody who joins now can expect. */
export function expectationOf(
  config: { readonly rounds: number; readonly deadlineMs: number },
  past: readonly RoundView[],
  { places, sharedBytes }: Pick<JoiningView, "places" | "sharedBytes">,
): Expectation {
  const ended = past.filter(({ endedAt, phases }) => endedAt !== undefined && phases.length > 0);
  const rounds = Math.max(0, config.rounds - ended.length);
  const durations = ended
    .map(({ endedAt = 0, phases }) => endedAt - phases[0].at)
    .sort((a, b) => a - b);
  const usual = durations[Math.floor(durations.length / 2)];
  const last = ended.findLast(({ uploads }) => uploads > 0);
  return {
    rounds,
    time:
      usual === undefined
        ? { ms: rounds * config.deadlineMs, isLimit: true }
        : { ms: rounds * usual, isLimit: false },
    download: programBytes + sharedBytes + Math.max(0, ...places.map(({ bytes }) => bytes)),
    ...(last && {
      perRound: { up: last.bytesUp / last.uploads, down: last.bytesDown / last.cohort },
    }),
  };
}

import { TandemError } from "@tandem/core/errors";
import type { Phase } from "@tandem/core/experiment";
import type { ExperimentView } from "@tandem/protocol/view";
import { strategyNamed } from "@tandem/strategies/registry";

/** What a round's time goes to: each a share of it, 0-1. */
export type RoundShares = {
  readonly rounds: number;
  /** Of a round, mean. */
  readonly seconds: number;
  /** Until the slowest client has computed, by its own account. */
  readonly training: number;
  readonly teaching: number;
  /** Neither client nor teacher computes. */
  readonly neither: number;
};

const taught: readonly Phase[] = ["generating", "teaching", "evaluating"];

/** Of the rounds that have ended, but for the first, in which clients still load; throws `bad-data` without one. */
export function sharesOf(view: Pick<ExperimentView, "config" | "clients" | "rounds">): RoundShares {
  const ended = view.rounds
    .slice(1)
    .flatMap(({ phases, endedAt }) => (endedAt === undefined ? [] : [{ phases, endedAt }]));
  if (ended.length === 0)
    throw new TandemError("bad-data", "no round but the first has ended: let it run on.");
  const paces = view.clients.flatMap(({ samples, speed }) => (speed ? [samples / speed] : []));
  const slowestMs = 1000 * Math.max(0, ...paces);
  const hasTeacher = strategyNamed(view.config.strategy).needs.teacher;
  let [totalMs, trainingMs, teachingMs] = [0, 0, 0];
  for (const { phases, endedAt } of ended)
    for (const [i, { phase, at }] of phases.entries()) {
      if (phase === "recruiting") continue;
      const ms = (phases[i + 1]?.at ?? endedAt) - at;
      totalMs += ms;
      if (phase === "collecting") trainingMs += Math.min(ms, slowestMs);
      if (hasTeacher && taught.includes(phase)) teachingMs += ms;
    }
  return {
    rounds: ended.length,
    seconds: totalMs / 1000 / ended.length,
    training: trainingMs / totalMs,
    teaching: teachingMs / totalMs,
    neither: (totalMs - trainingMs - teachingMs) / totalMs,
  };
}

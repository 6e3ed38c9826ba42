import type { ClientModality } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { type Interval, pairedBootstrap } from "@tandem/evaluation/bootstrap";
import {
  lastRounds,
  negativeTransfer,
  summarise,
  summariseClients,
} from "@tandem/evaluation/clients";
import { trafficOf, trafficToTarget } from "@tandem/evaluation/communication";
import { pairedDifferences, type Sample, sampleOfDifferences } from "@tandem/evaluation/statistics";
import type { ExperimentFile } from "@tandem/simulation/experiment-file/file";
import { isSameConfig, type Run } from "@tandem/simulation/experiment-file/plan";
import type { RunRecord } from "../experiments/record";

/** A run's records by seed, in order of the seeds. */
export type RunResults = { readonly run: Run; readonly bySeed: ReadonlyMap<number, RunRecord> };

/**
 * The newest record of each run and seed, and where there is none one of `others` with the very
 * configuration, whatever it was run for. Records of another configuration than the run's are stale.
 */
export function collectResults(
  runs: readonly Run[],
  records: readonly RunRecord[],
  others: readonly RunRecord[] = [],
): { readonly results: readonly RunResults[]; readonly stale: number } {
  let kept = 0;
  const results = runs.map((run) => {
    const own = records.filter(
      (record) => record.run === run.name && isSameConfig(record.config, run.config),
    );
    kept += own.length;
    const same = others.filter(({ config }) => isSameConfig(config, run.config));
    const usable = [...same, ...own];
    const seeds = [...new Set(usable.map(({ seed }) => seed))].sort((a, b) => a - b);
    const newest = (seed: number) => usable.findLast((record) => record.seed === seed) as RunRecord; // its seed is from there
    return { run, bySeed: new Map(seeds.map((seed) => [seed, newest(seed)])) };
  });
  return { results, stale: records.length - kept };
}

/** What `measure` finds in each seed's record, of those in which it finds something. */
export function perSeed(
  { bySeed }: RunResults,
  measure: (record: RunRecord) => number | undefined,
): ReadonlyMap<number, number> {
  return new Map(
    [...bySeed].flatMap(([seed, record]) => {
      const value = measure(record);
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}

export const lastOf = (metric: string) => (record: RunRecord) =>
  record.rounds.at(-1)?.metrics[metric];
export const firstOf = (metric: string) => (record: RunRecord) => record.rounds[0]?.metrics[metric];

type Round = RunRecord["rounds"][number];

/**
 * The clients that answered in a round, but for those that lie: their own score says nothing of the
 * strategy. Undefined where none is left. `without`: places that are left out as well.
 */
export function honestClients(
  { clients, attackers = [] }: RunRecord,
  round: Round | undefined,
  without: readonly number[] = [],
): ReturnType<typeof summariseClients> | undefined {
  const scores = (round?.accuracy ?? []).flatMap((value, slot) =>
    value === null || attackers.includes(slot) || without.includes(slot)
      ? []
      : [{ modality: clients[slot].modality, accuracy: value }],
  );
  return scores.length > 0 ? summariseClients(scores) : undefined;
}

/** After the last round. */
const honestAtEnd = (record: RunRecord, without?: readonly number[]) =>
  honestClients(record, record.rounds.at(-1), without);

export const accuracy = (record: RunRecord) => honestAtEnd(record)?.all.mean;
export const accuracyOf = (modality: ClientModality) => (record: RunRecord) =>
  honestAtEnd(record)?.byModality[modality]?.mean;
export const spreadOfClients = (record: RunRecord) => honestAtEnd(record)?.all.std;
/** Mean of the lowest tenth of the clients. */
export const worstTenth = (record: RunRecord) => honestAtEnd(record)?.all.worst;

/** Mean of the last five rounds. */
export function lateAccuracy(record: RunRecord): number | undefined {
  const values = record.rounds.flatMap((round) => honestClients(record, round)?.all.mean ?? []);
  return values.length > 0 ? lastRounds(values).late : undefined;
}

/** Of all clients in all rounds. */
export const traffic = ({ rounds }: RunRecord) => trafficOf(rounds);
/** Bytes of a client and round. */
export const sentUp = ({ rounds }: RunRecord) => trafficOf(rounds).upPerClient;
export const sentDown = ({ rounds }: RunRecord) => trafficOf(rounds).downPerClient;

/** Milliseconds of a round, on the mean: waiting for the clients, and all else. */
export const timePerRound =
  (whose: "clients" | "server") =>
  ({ rounds }: RunRecord): number | undefined => {
    const times = rounds.map(({ phaseMs: { collecting = 0, recruiting: _, ...others } }) =>
      whose === "clients" ? collecting : Object.values(others).reduce((a, b) => a + b, 0),
    );
    return times.length > 0 ? summarise(times).mean : undefined;
  };

/** Last accuracy by seed, without the clients that lie in the other run: both are of the same ones. */
const accuracyBeside = (run: RunResults, other: RunResults) =>
  perSeed(run, (record) => honestAtEnd(record, other.bySeed.get(record.seed)?.attackers)?.all.mean);

export const differenceTo = (baseline: RunResults, own: RunResults): Sample | undefined =>
  sampleOfDifferences(accuracyBeside(own, baseline), accuracyBeside(baseline, own));

/** Client by client, by seed and slot: where both runs have an honest answer in their last round. */
export function clientDifferences(
  baseline: RunResults,
  own: RunResults,
): { readonly pairs: number; readonly interval: Interval; readonly worse: number } | undefined {
  const answers = ({ bySeed }: RunResults) =>
    new Map(
      [...bySeed].flatMap(([seed, { rounds, attackers = [] }]) =>
        (rounds.at(-1)?.accuracy ?? []).flatMap((value, slot) =>
          value === null || attackers.includes(slot) ? [] : [[`${seed}/${slot}`, value] as const],
        ),
      ),
    );
  const [left, right] = [answers(own), answers(baseline)];
  const differences = pairedDifferences(left, right);
  if (differences.length === 0) return undefined;
  return {
    pairs: differences.length,
    interval: pairedBootstrap(
      differences,
      differences.map(() => 0),
      { rng: createRng(`report/${own.run.name}`) },
    ),
    worse: negativeTransfer(left, right, tolerance).below,
  };
}

/** A client that loses more than this by federation is one that it harms. */
export const tolerance = 0.02;

/** Bytes of all clients until the honest ones' mean accuracy is the target: by seed. */
export function bytesToTarget(
  target: RunResults,
  own: RunResults,
  { targetGain }: Pick<ExperimentFile, "targetGain">,
): {
  readonly seeds: number;
  readonly reached: ReadonlyMap<number, { readonly up: number; readonly down: number }>;
} {
  const targets = accuracyBeside(target, own);
  const reached = new Map<number, { readonly up: number; readonly down: number }>();
  let seeds = 0;
  for (const [seed, record] of own.bySeed) {
    const last = targets.get(seed);
    if (last === undefined) continue;
    seeds++;
    const without = target.bySeed.get(seed)?.attackers;
    const accuracies = record.rounds.map((round) => ({
      ...round,
      accuracy: honestClients(record, round, without)?.all.mean,
    }));
    const spent = trafficToTarget(accuracies, last + targetGain);
    if (spent) reached.set(seed, spent);
  }
  return { seeds, reached };
}

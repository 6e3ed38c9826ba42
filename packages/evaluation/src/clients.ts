import type { ClientModality } from "@tandem/core/data";
import { pairedDifferences } from "./statistics";

/** Mean and population standard deviation. */
export const summarise = (values: readonly number[]): Summary =>
  summariseWeighted(values.map((value) => ({ value, weight: 1 })));

export type Weighted = { readonly value: number; readonly weight: number };
export type Summary = { readonly mean: number; readonly std: number };

/** The same where each value counts as often as its weight says. */
export function summariseWeighted(values: readonly Weighted[]): Summary {
  const total = values.reduce((sum, { weight }) => sum + weight, 0);
  const meanOf = (of: (value: number) => number) =>
    values.reduce((sum, { value, weight }) => sum + weight * of(value), 0) / total;
  const mean = meanOf((value) => value);
  return { mean, std: Math.sqrt(meanOf((value) => (value - mean) ** 2)) };
}

export type ClientScore = { readonly modality: ClientModality; readonly accuracy: number };
export type ClientSummary = {
  readonly clients: number;
  readonly mean: number;
  readonly std: number;
  /** Mean of the lowest tenth of the clients, at least one of them. */
  readonly worst: number;
};

/** All clients together, and those of each modality that is there. Throws without a client. */
export function summariseClients(scores: readonly ClientScore[]): {
  readonly all: ClientSummary;
  readonly byModality: Readonly<Partial<Record<ClientModality, ClientSummary>>>;
} {
  if (scores.length === 0) throw new Error("no client to summarise");
  const of = (group: readonly ClientScore[]): ClientSummary => {
    const values = group.map(({ accuracy }) => accuracy).sort((a, b) => a - b);
    const lowest = values.slice(0, Math.ceil(values.length / 10));
    return { clients: group.length, ...summarise(values), worst: summarise(lowest).mean };
  };
  const present = [...new Set(scores.map(({ modality }) => modality))].sort();
  return {
    all: of(scores),
    byModality: Object.fromEntries(
      present.map((name) => [name, of(scores.filter(({ modality }) => modality === name))]),
    ),
  };
}

/** Weighted by the clients' samples, as PFLlib and HtFLlib average accuracy on the clients' own tests. */
export function sampleWeightedMean(
  scores: readonly { readonly accuracy: number; readonly samples: number }[],
): number {
  const samples = scores.reduce((sum, score) => sum + score.samples, 0);
  if (samples === 0) throw new Error("no sample to weigh a client by");
  return scores.reduce((sum, score) => sum + score.accuracy * score.samples, 0) / samples;
}

/** Of the clients that both have: how many lose more than `tolerance` against training alone. */
export function negativeTransfer<K>(
  federated: ReadonlyMap<K, number>,
  local: ReadonlyMap<K, number>,
  tolerance = 0.02,
): { readonly clients: number; readonly below: number } {
  const gains = pairedDifferences(federated, local);
  const slack = 1e-9; // 0.48 - 0.5 is 2e-17 below -0.02
  const below = gains.filter((gain) => gain < -tolerance - slack).length;
  return { clients: gains.length, below };
}

/**
 * Accuracy by round as it is reported: at the end, and the mean of the last `window` rounds. `best`
 * looks at the test set to choose a round: only to compare with HtFLlib's tables.
 */
export function lastRounds(
  byRound: readonly number[],
  window = 5,
): { readonly last: number; readonly late: number; readonly best: number } {
  const last = byRound.at(-1);
  if (last === undefined) throw new Error("no round to report");
  return { last, late: summarise(byRound.slice(-window)).mean, best: Math.max(...byRound) };
}

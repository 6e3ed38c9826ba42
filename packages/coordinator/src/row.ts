import type { ExperimentConfig } from "@tandem/core/experiment";
import type { RunRow } from "@tandem/protocol/experiment-list";
import { connectionOf } from "./live-client";
import { type Runtime, roundsOf } from "./runtime";
import { measuredOn } from "./view";

const mostPoints = 32;

/** What a list shows of an experiment, and what else is looked for in it. */
export type ListedRun = {
  readonly row: RunRow;
  readonly config: ExperimentConfig;
  readonly note: string;
};

export function rowOf(runtime: Runtime): ListedRun {
  const { record, state, clients, rounds } = runtime;
  const { config } = record;
  const accuracies = [...runtime.metrics]
    .filter(({ client, metrics }) => client === undefined && metrics["accuracy/mean"] !== undefined)
    .sort((a, b) => a.round - b.round)
    .map(({ metrics }) => metrics["accuracy/mean"]);
  const accuracy = accuracies.at(-1);
  const row: RunRow = {
    id: record.id,
    name: config.name,
    strategy: config.strategy,
    dataset: config.dataset,
    seed: config.seed,
    status: state.status,
    round: state.round,
    rounds: roundsOf(runtime),
    ended: [...rounds.values()].filter(({ endedAt }) => endedAt !== undefined).length,
    clients: clients.size,
    here: [...clients.values()].filter((client) => connectionOf(client) !== undefined).length,
    createdAt: record.createdAt,
    ...measuredOn(runtime),
    ...(accuracy !== undefined && { accuracy }),
    curve: some(accuracies).map((value) => Number(value.toFixed(4))),
    tags: record.tags,
    group: record.group,
    archived: record.archived,
  };
  return { row, config, note: record.note };
}

/** At most `mostPoints` of them, evenly, the last among them. */
function some(values: readonly number[]): readonly number[] {
  const { length } = values;
  if (length <= mostPoints) return values;
  const at = (i: number) => values[Math.round((i * (length - 1)) / (mostPoints - 1))];
  return Array.from({ length: mostPoints }, (_, i) => at(i));
}

import type { ClientRecord, MetricRecord } from "@tandem/core/experiment";
import type { Metrics } from "@tandem/core/strategy";
import { summariseWeighted, type Weighted } from "@tandem/evaluation/clients";
import type { MetricTable } from "./metric-table";
import type { Runtime } from "./runtime";

/** What is known of a round as a whole. */
export const metricsOf = (metrics: MetricTable, round: number): Metrics =>
  metrics.ofRound(round)?.metrics ?? {};

/**
 * Of the present round: mean and deviation of the clients' accuracy, over all and each modality, and
 * the means of it by part of the test set, and of what the clients that match pairs say of it. Clients
 * that measure on samples of their own weigh as many as these are; of too few, nothing has been told.
 */
export function clientSummary(
  { state, metrics, clients, record: { config } }: Runtime,
  isMeasured: (client: ClientRecord) => boolean = () => true,
): Metrics {
  const groups = new Map<string, Weighted[]>();
  const means = new Map<string, Weighted[]>();
  const add = (to: typeof groups, key: string, value: Weighted) => {
    const values = to.get(key);
    if (values) values.push(value);
    else to.set(key, [value]);
  };
  const recordOf = ({ client }: MetricRecord) => client && clients.get(client)?.record;
  const slotOf = (one: MetricRecord) => recordOf(one)?.slot ?? 0;
  // By place: a sum of rounded numbers must not depend on who was first.
  const answers = [...metrics.of(state.round)].sort((a, b) => slotOf(a) - slotOf(b));
  for (const answer of answers) {
    const { client, metrics: own } = answer;
    if (client === undefined || !state.answers.has(client)) continue;
    const record = recordOf(answer);
    if (own.accuracy === undefined || !record || !isMeasured(record)) continue;
    const { accuracy } = own;
    const { heldOut = 1, modality } = record;
    const weight = Math.min(heldOut, config.mostSamples);
    for (const group of ["", `/${modality}`]) add(groups, group, { value: accuracy, weight });
    for (const [name, value] of Object.entries(own))
      if (/^(retrieval|accuracy\/part)\//.test(name)) add(means, name, { value, weight });
  }
  const summary: Record<string, number> = {};
  for (const [group, values] of groups) {
    const { mean, std } = summariseWeighted(values);
    summary[group === "" ? "accuracy/mean" : `accuracy${group}`] = mean;
    summary[`accuracy${group}/std`] = std;
  }
  for (const [name, values] of means) summary[name] = summariseWeighted(values).mean;
  return summary;
}

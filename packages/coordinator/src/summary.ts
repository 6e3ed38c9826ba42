import type { ClientRecord, MetricRecord } from "@tandem/core/experiment";
import type { Metrics } from "@tandem/core/strategy";
import { summarise } from "@tandem/evaluation/clients";
import type { Runtime } from "./experiment-runtime";

/** What is known of a round as a whole. */
export const metricsOf = (metrics: readonly MetricRecord[], round: number): Metrics =>
  metrics.find((m) => m.client === undefined && m.round === round)?.metrics ?? {};

/** Mean and deviation of the clients' accuracy in the present round, over all and each modality. */
export function clientSummary(
  { state, metrics, clients }: Runtime,
  isMeasured: (client: ClientRecord) => boolean = () => true,
): Metrics {
  const groups = new Map<string, number[]>();
  for (const { round, client, metrics: own } of metrics) {
    if (round !== state.round || client === undefined || !(client in state.answers)) continue;
    const record = clients.get(client)?.record;
    if (own.accuracy === undefined || !record || !isMeasured(record)) continue;
    for (const group of ["", `/${record.modality}`])
      groups.set(group, [...(groups.get(group) ?? []), own.accuracy]);
  }
  const summary: Record<string, number> = {};
  for (const [group, values] of groups) {
    const { mean, std } = summarise(values);
    summary[group === "" ? "accuracy/mean" : `accuracy${group}`] = mean;
    summary[`accuracy${group}/std`] = std;
  }
  return summary;
}

import type { MetricRecord } from "@tandem/core/experiment";
import type { LiveClient } from "./live-client";
import type { RoundState } from "./round/round-state";
import type { Runtime } from "./runtime";

/**
 * The clients whose records a commit writes, and those that it forgets: who has left, was never of use
 * to a round and is not awaited by one. Marks as answered whom the metrics are of.
 */
export function changedClients(
  { clients }: Pick<Runtime, "clients">,
  state: RoundState,
  metrics: readonly MetricRecord[],
): Readonly<Record<"changed" | "forgotten", readonly LiveClient[]>> {
  const answered = new Set(metrics.map(({ client }) => client));
  const all = [...clients.values()];
  for (const client of all) client.hasAnswered ||= answered.has(client.record.id);
  const isForgotten = (client: LiveClient) =>
    client.record.leftAt !== undefined && !client.hasAnswered && !isAsked(state, client.record.id);
  const forgotten = all.filter(isForgotten);
  const changed = all.filter(
    (client) => client.record !== client.saved && !forgotten.includes(client),
  );
  return { changed, forgotten };
}

const isAsked = ({ cohort, closed }: RoundState, id: string): boolean =>
  cohort.includes(id) || closed.some((past) => past.cohort.includes(id));

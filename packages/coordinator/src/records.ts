import type { MetricRecord } from "@tandem/core/experiment";
import { isAnnounced } from "./commit-group";
import type { LiveClient } from "./live-client";
import type { RoundState } from "./round/round-state";
import type { Runtime } from "./runtime";

/**
 * The clients whose records a commit writes, and those that it forgets: who has left, was never of use
 * to a round and is not awaited by one. Marks as answered whom the metrics are of.
 */
export function changedClients(
  { clients, state: before }: Pick<Runtime, "clients" | "state">,
  state: RoundState,
  metrics: readonly MetricRecord[],
): Readonly<Record<"changed" | "forgotten", readonly LiveClient[]>> {
  for (const { client } of metrics) {
    const answered = client === undefined ? undefined : clients.get(client);
    if (answered) answered.hasAnswered = true;
  }
  const isForgotten = (client: LiveClient) =>
    client.record.leftAt !== undefined && !client.hasAnswered && !isAsked(state, client.record.id);
  // Who has been asked may be forgotten once a phase is over.
  const leaving = isAnnounced(before, state) ? clients.values() : clients.touched;
  const forgotten = new Set([...leaving].filter(isForgotten));
  const changed = [...clients.touched].filter(
    (client) => client.record !== client.saved && !forgotten.has(client),
  );
  return { changed, forgotten: [...forgotten] };
}

const isAsked = ({ cohort, closed }: RoundState, id: string): boolean =>
  cohort.has(id) || closed.some((past) => past.cohort.has(id));

import type { EventRecord, ExperimentRecord } from "@tandem/core/experiment";
import type { ExperimentStore } from "@tandem/core/stores";
import { reduceRound } from "./round";
import { roundState } from "./round-document";
import type { RoundEvent, RoundRules, RoundState } from "./round-state";

type Stored = Pick<ExperimentRecord, "state" | "sequence" | "stateSequence">;

const often: ReadonlySet<RoundEvent["type"]> = new Set([
  ...(["joined", "ready", "left", "uploaded", "late", "failed", "refused"] as const),
]);

/** What there is in a round of each client. */
export const isOften = (type: RoundEvent["type"]): boolean => often.has(type);

/** A document is as long as there are clients: after so many events of theirs it is written. */
const [leastEvents, eventsPerClient] = [1000, 2];

/** After which event the stored state was so. */
export const checkpointOf = ({ stateSequence, sequence }: Stored): number =>
  stateSequence ?? sequence;

/** Whether so many events have been logged since the last document that there is to be another. */
export const isCheckpointDue = ({ waitsSince }: RoundState, since: number): boolean =>
  since >= leastEvents + eventsPerClient * waitsSince.size;

/** The state of now: the stored one, and what the log has had since. */
export function stateOf(
  rules: RoundRules,
  stored: Stored,
  log: readonly EventRecord[],
): RoundState {
  const checkpoint = checkpointOf(stored);
  let state = roundState(stored.state);
  for (const { sequence, event } of log)
    if (sequence > checkpoint)
      state = reduceRound(rules, state, event as unknown as RoundEvent).state; // by `commits`
  return state;
}

/** The same of what a store holds. */
export async function storedState(
  store: Pick<ExperimentStore, "events">,
  rules: RoundRules,
  record: ExperimentRecord,
): Promise<RoundState> {
  return stateOf(rules, record, await store.events(record.id, checkpointOf(record)));
}

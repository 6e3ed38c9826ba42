import type { Set as Ids } from "immutable";
import type { RoundState } from "./round-state";

/** By code units, as wherever an order of clients counts. */
export const sorted = (ids: Iterable<string>): readonly string[] => [...ids].sort();

export const without = (list: readonly string[], item: string) =>
  list.filter((other) => other !== item);

type Asked = Pick<RoundState, "cohort" | "ready" | "answers" | "failed">;

const isAwaited = ({ cohort, ready, answers, failed }: Asked, client: string): boolean =>
  cohort.has(client) && ready.has(client) && !answers.has(client) && !failed.has(client);

export const awaitedOf = (state: Asked): Ids<string> =>
  state.cohort.filter((client) => isAwaited(state, client));

/** With whom it waits for, after something of this client has changed. */
export function looked(state: RoundState, client: string): RoundState {
  const { awaited: before } = state;
  const awaited = isAwaited(state, client) ? before.add(client) : before.delete(client);
  return awaited === before ? state : { ...state, awaited };
}

export function awake(state: RoundState, client: string): RoundState {
  const { ready, waitsSince, round } = state;
  if (ready.has(client)) return state;
  const waits = waitsSince.has(client) ? waitsSince : waitsSince.set(client, round);
  return looked({ ...state, ready: ready.add(client), waitsSince: waits }, client);
}

export const asleep = (state: RoundState, client: string): RoundState =>
  state.ready.has(client) ? looked({ ...state, ready: state.ready.delete(client) }, client) : state;

export function forget(before: RoundState, client: string): RoundState {
  const state = asleep(before, client);
  const [waitsSince, paces] = [state.waitsSince.delete(client), state.paces.delete(client)];
  const isKnown = waitsSince !== state.waitsSince || paces !== state.paces;
  return isKnown ? { ...state, waitsSince, paces } : state;
}

import type { RoundState } from "./round-state";

export const without = (list: readonly string[], item: string) =>
  list.filter((other) => other !== item);
export const awake = (state: RoundState, client: string): RoundState =>
  state.ready.includes(client)
    ? state
    : {
        ...state,
        ready: [...state.ready, client].sort(),
        waitsSince: { [client]: state.round, ...state.waitsSince },
      };
export const asleep = (state: RoundState, client: string): RoundState =>
  state.ready.includes(client) ? { ...state, ready: without(state.ready, client) } : state;
export const forget = (state: RoundState, client: string): RoundState => {
  const { [client]: wait, ...waitsSince } = state.waitsSince;
  const { [client]: pace, ...paces } = state.paces;
  const isKnown = wait !== undefined || pace !== undefined;
  return isKnown ? { ...asleep(state, client), waitsSince, paces } : asleep(state, client);
};

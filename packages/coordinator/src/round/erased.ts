import { awaitedOf, forget, without } from "./clients";
import type { RoundEvent, RoundState } from "./round-state";

/** In place of what is there no more. */
export const erasedWord = "erased";

/** The state without anything of these clients but that, and how often, they took part. */
export function withoutClients(before: RoundState, clients: readonly string[]): RoundState {
  const state = clients.reduce(forget, before);
  const isOwn = (client: string) => clients.includes(client);
  const { phase, answers } = state;
  const isOpen = phase === "collecting" || phase === "recruiting";
  const rest = {
    ...state,
    // Once they are summed they count, and are looked at no more.
    answers:
      isOpen || phase === "aggregating"
        ? answers.deleteAll(clients)
        : clients.reduce((all, id) => (all.has(id) ? all.set(id, erasedWord) : all), answers),
    ...(isOpen && {
      cohort: state.cohort.subtract(clients),
      failed: state.failed.subtract(clients),
    }),
    closed: state.closed.map((past) => ({
      ...past,
      answers: past.answers.deleteAll(clients),
      late: past.late.deleteAll(clients),
    })),
    ...withoutWords(state, isOwn),
    barred: without(state.barred, erasedWord),
  };
  return { ...rest, awaited: awaitedOf(rest) };
}

/** What the client that failed last has said may stand in the error too. */
function withoutWords(
  { lastFailure, error }: RoundState,
  isOwn: (client: string) => boolean,
): Pick<RoundState, "lastFailure" | "error"> {
  const client = lastFailure?.split(":", 1).at(0);
  if (lastFailure === null || client === undefined || !isOwn(client)) return { lastFailure, error };
  const said = lastFailure.replace(/[.\s]*$/, "");
  return { lastFailure: null, error: error?.replace(said, () => erasedWord) ?? null };
}

/** Of whom, the hashes of their tokens and addresses, and new names of the strategy's states. */
export type Traces = {
  readonly isOwn: (client: string) => boolean;
  readonly keys: ReadonlySet<string>;
  readonly states: ReadonlyMap<string, string>;
};

/** What the log is to say of an event from now on; the same object where that is what it says. */
export function withoutTraces(event: RoundEvent, { isOwn, keys, states }: Traces): RoundEvent {
  if ("state" in event) {
    const state = states.get(event.state);
    return state === undefined ? event : { ...event, state };
  }
  if (event.type === "barred") return barredWithout(event, keys);
  if (!("client" in event) || !isOwn(event.client)) return event;
  switch (event.type) {
    case "refused":
    case "failed":
      return { ...event, message: erasedWord };
    case "ready":
      return { type: event.type, client: event.client };
    case "uploaded":
      return { type: event.type, client: event.client, hash: erasedWord };
    case "late":
      return { type: event.type, client: event.client, round: event.round, hash: erasedWord };
    default:
      return event;
  }
}

function barredWithout(
  event: Extract<RoundEvent, { type: "barred" }>,
  keys: Traces["keys"],
): RoundEvent {
  if (!event.keys.some((key) => keys.has(key))) return event;
  const { keptOut, ...rest } = event;
  return {
    ...rest,
    keys: event.keys.map((key) => (keys.has(key) ? erasedWord : key)),
    ...(keptOut && !keys.has(keptOut.key) && { keptOut }),
  };
}

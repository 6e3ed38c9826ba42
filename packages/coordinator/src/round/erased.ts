import { forget, without } from "./clients";
import type { RoundEvent, RoundState } from "./round-state";

/** In place of what is there no more. */
export const erasedWord = "erased";

/** The state without anything of these clients but that, and how often, they took part. */
export function withoutClients(before: RoundState, clients: readonly string[]): RoundState {
  const state = clients.reduce(forget, before);
  const isOwn = (client: string) => clients.includes(client);
  const rest = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(of).filter(([client]) => !isOwn(client)));
  const { phase, answers } = state;
  const isOpen = phase === "collecting" || phase === "recruiting";
  const others = (list: readonly string[]) => clients.reduce(without, list);
  return {
    ...state,
    // Once they are summed they count, and are looked at no more.
    answers:
      isOpen || phase === "aggregating"
        ? rest(answers)
        : Object.fromEntries(
            Object.entries(answers).map(([id, hash]) => [id, isOwn(id) ? erasedWord : hash]),
          ),
    ...(isOpen && { cohort: others(state.cohort), failed: others(state.failed) }),
    closed: state.closed.map((past) => ({
      ...past,
      answers: rest(past.answers),
      late: rest(past.late),
    })),
    ...withoutWords(state, isOwn),
    barred: without(state.barred, erasedWord),
  };
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

import { Map as ById } from "immutable";
import type { ClosedRound, RoundRules, RoundState } from "./round-state";

type Asked = { readonly round: number; readonly client: string };

/** What becomes of an answer to a closed round: taken in by a round, there already, or why not. */
export type Lateness =
  | { readonly verdict: "open"; readonly closed: ClosedRound; readonly takenIn: number }
  | { readonly verdict: "duplicate" }
  | { readonly verdict: "refused"; readonly reason: string };

/** Follows from the log of events alone: a round takes in what comes before it is closed itself. */
export function latenessOf(
  { lateRounds = 0, rounds }: RoundRules,
  state: RoundState,
  { round, client }: Asked,
): Lateness {
  const refused = (reason: string) => ({ verdict: "refused", reason }) as const;
  const closed = state.closed.find((past) => past.round === round);
  const takenIn = state.round + (state.closed.at(-1)?.round === state.round ? 1 : 0);
  if (lateRounds === 0)
    return refused(`The upload is for round ${round}; round ${state.round} is open.`);
  if (!closed || takenIn - round > lateRounds)
    return refused(
      `The upload is for round ${round}, in round ${state.round}: at most ${lateRounds} rounds late are taken.`,
    );
  if (!closed.cohort.has(client))
    return refused(`Round ${round} has not asked this client: wait to be asked.`);
  if (closed.answers.has(client) || closed.late.has(client)) return { verdict: "duplicate" };
  if (takenIn > rounds || state.status === "finished")
    return refused(`The upload for round ${round} comes after the last round has closed.`);
  return { verdict: "open", closed, takenIn };
}

/** Keeps a round that has just been closed for as long as late answers to it are taken. */
export const withClosed = ({ lateRounds = 0 }: RoundRules, state: RoundState): RoundState => {
  const { round, cohort, instructions, answers } = state;
  if (lateRounds === 0) return state;
  const all: readonly ClosedRound[] = [
    ...state.closed,
    { round, cohort, instructions, answers, late: ById() },
  ];
  return { ...state, closed: all.filter((past) => past.round >= round - lateRounds) };
};

/** The state with a late answer in it, if there is room for it. */
export function takeLate(
  rules: RoundRules,
  state: RoundState,
  { hash, ...asked }: Asked & { readonly hash: string },
): RoundState {
  const lateness = latenessOf(rules, state, asked);
  if (lateness.verdict !== "open") return state;
  const { closed, takenIn } = lateness;
  const late = closed.late.set(asked.client, { hash, takenIn });
  return {
    ...state,
    closed: state.closed.map((past) => (past === closed ? { ...past, late } : past)),
  };
}

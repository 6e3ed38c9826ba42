import type { JsonObject } from "@tandem/core/json";
import { Map as ById, Set as Ids } from "immutable";
import { awaitedOf, sorted } from "./clients";
import { type ClosedRound, initialRound, type RoundState } from "./round-state";

type Plain<T> = {
  readonly [K in keyof T]: T[K] extends Ids<string>
    ? readonly string[]
    : T[K] extends ById<string, infer Value> | undefined
      ? Readonly<Record<string, Value>> | Extract<T[K], undefined>
      : T[K];
};

/** A state as plain JSON, as it is stored and shared; what follows from the rest is left out. */
export type RoundDocument = Omit<Plain<RoundState>, "awaited" | "closed"> & {
  readonly closed: readonly Plain<ClosedRound>[];
};

export function documentOf(state: RoundState): RoundDocument {
  const { ready, cohort, failed, awaited: _, ...rest } = state;
  return {
    ...rest,
    ...{ ready: sorted(ready), cohort: sorted(cohort), failed: sorted(failed) },
    instructions: byName(rest.instructions),
    answers: byName(rest.answers),
    waitsSince: byName(rest.waitsSince),
    paces: byName(rest.paces),
    closed: rest.closed.map(({ instructions, ...past }) => ({
      ...past,
      cohort: sorted(past.cohort),
      ...(instructions && { instructions: byName(instructions) }),
      answers: byName(past.answers),
      late: byName(past.late),
    })),
  };
}

/** Of a document, perhaps by an earlier version that knew fewer fields. */
export function roundState(json: JsonObject): RoundState {
  const stored = { ...initialDocument, ...(json as unknown as RoundDocument) }; // written by the coordinator
  const state = {
    ...stored,
    ...{ ready: Ids(stored.ready), cohort: Ids(stored.cohort), failed: Ids(stored.failed) },
    instructions: ById(stored.instructions),
    answers: ById(stored.answers),
    waitsSince: ById(stored.waitsSince),
    paces: ById(stored.paces),
    closed: stored.closed.map(({ instructions, ...past }) => ({
      ...past,
      cohort: Ids(past.cohort),
      ...(instructions && { instructions: ById(instructions) }),
      answers: ById(past.answers),
      late: ById(past.late),
    })),
  };
  return { ...state, awaited: awaitedOf(state) };
}

const byName = <Value>(all: ById<string, Value>): Readonly<Record<string, Value>> =>
  Object.fromEntries(sorted(all.keys()).map((id) => [id, all.get(id) as Value])); // of its own keys

export const initialDocument: RoundDocument = documentOf(initialRound);

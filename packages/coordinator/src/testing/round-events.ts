import type { JsonObject } from "@tandem/core/json";
import { reduceRound } from "../round/round";
import {
  documentOf,
  initialDocument,
  type RoundDocument,
  roundState,
} from "../round/round-document";
import type { Effect, RoundEvent, RoundRules } from "../round/round-state";

/** One event on a state that is stored and read before and after it. */
export function reduceDocument(
  rules: RoundRules,
  document: RoundDocument,
  event: RoundEvent,
): { readonly state: RoundDocument; readonly effects: readonly Effect[] } {
  const { state, effects } = reduceRound(rules, roundState(asJson(document)), event);
  return { state: documentOf(state), effects };
}

/** The same of several, one after another. */
export const stateAfter = (
  rules: RoundRules,
  events: readonly RoundEvent[],
  from: RoundDocument = initialDocument,
): RoundDocument =>
  documentOf(
    events.reduce(
      (state, event) => reduceRound(rules, state, event).state,
      roundState(asJson(from)),
    ),
  );

const asJson = (document: RoundDocument) => document as unknown as JsonObject; // plain JSON by its type

export const ready = (client: string): RoundEvent => ({ type: "ready", client });
export const uploaded = (client: string): RoundEvent => ({
  type: "uploaded",
  client,
  hash: `of ${client}`,
});
/** To clients a and b. */
export const published: RoundEvent = {
  type: "published",
  instructions: { a: { hash: "i", bytes: 1 }, b: { hash: "i", bytes: 1 } },
};

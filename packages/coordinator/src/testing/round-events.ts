import { reduceRound } from "../round/round";
import {
  initialRound,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from "../round/round-state";

export const stateAfter = (
  rules: RoundRules,
  events: readonly RoundEvent[],
  from = initialRound,
): RoundState => events.reduce((state, event) => reduceRound(rules, state, event).state, from);

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

import type { MetricRecord } from "@tandem/core/experiment";
import type { Erasing } from "./erasing";
import type { LiveClient } from "./live-client";
import { reduceRound } from "./round/round";
import type { Effect, RoundEvent, RoundState } from "./round/round-state";
import { type Runtime, rulesOf } from "./runtime";

export type Outputs = {
  readonly metrics?: readonly MetricRecord[];
  readonly refused?: number;
  /** An invitation of which one use is taken with it. */
  readonly invitation?: string | undefined;
  /** What is taken out of what is stored, before the event. */
  readonly erasing?: Erasing;
  /** Clients of whom nothing but their place is known once it is stored. */
  readonly blank?: readonly LiveClient[];
  /** Nothing happens if it is aborted by the time it is this event's turn. */
  readonly signal?: AbortSignal;
};

/** An event that waits for its turn, and whoever waits for it to be stored. */
export type Waiting = {
  readonly event: RoundEvent;
  readonly outputs: Outputs;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/** Events that one transaction stores, and what comes of them. */
export type Group = {
  /** So many of those that wait. */
  readonly taken: number;
  readonly before: RoundState;
  readonly state: RoundState;
  readonly effects: readonly Effect[];
  /** Those that change something, and those of them that are logged. */
  readonly events: readonly RoundEvent[];
  readonly logged: readonly RoundEvent[];
  readonly outputs: Outputs;
};

export const recovered: RoundEvent = { type: "recovered" };

/**
 * Reduces as many of those that wait as may be stored at once: up to the first that changes phase, round or
 * status, or the first that is not wanted any more. What erases, takes an invitation or is in doubt is
 * stored alone, so that it fails alone.
 */
export function reduceGroup(
  runtime: Pick<Runtime, "record" | "server" | "state">,
  waiting: readonly Waiting[],
  isDoubtful: boolean,
): Group {
  const rules = rulesOf(runtime);
  let state = runtime.state;
  let outputs: Outputs = {};
  let taken = 0;
  const [effects, events, logged]: [Effect[], RoundEvent[], RoundEvent[]] = [[], [], []];
  for (const one of waiting) {
    const isAlone = isDoubtful || one.outputs.erasing || one.outputs.invitation !== undefined;
    if ((isAlone && taken > 0) || one.outputs.signal?.aborted) break;
    taken++;
    const before = one.outputs.erasing?.state ?? state;
    const both = isDoubtful && one.event.type !== "recovered";
    const own = both ? [recovered, one.event] : [one.event];
    let next = before;
    for (const event of own) {
      const step = reduceRound(rules, next, event);
      next = step.state;
      effects.push(...step.effects);
    }
    if (next !== before || isNews(one)) {
      events.push(...own);
      // Who comes and goes changes a record, and the log only where a round hears of it.
      const isSilent = changesPlace(one.event) && next === before;
      logged.push(...own.filter((event) => !(isSilent && event === one.event)));
    }
    outputs = together(outputs, one.outputs);
    const isOver = isAlone || isAnnounced(state, next);
    state = next;
    if (isOver) break;
  }
  return { taken, before: runtime.state, state, effects, events, logged, outputs };
}

/** Phase, round or status are others: everybody is told. */
export const isAnnounced = (a: RoundState, b: RoundState): boolean =>
  a.phase !== b.phase || a.round !== b.round || a.status !== b.status;

/** Is stored whatever the round makes of it. */
const isNews = ({ event, outputs: { metrics, refused, erasing } }: Waiting): boolean =>
  metrics !== undefined ||
  refused !== undefined ||
  erasing !== undefined ||
  event.type === "refused" ||
  event.type === "recovered" ||
  changesPlace(event);

const changesPlace = (event: RoundEvent) =>
  event.type === "joined" || (event.type === "left" && event.gone === true);

const together = (a: Outputs, b: Outputs): Outputs => ({
  ...a,
  ...b,
  metrics: [...(a.metrics ?? []), ...(b.metrics ?? [])],
  refused: (a.refused ?? 0) + (b.refused ?? 0),
});

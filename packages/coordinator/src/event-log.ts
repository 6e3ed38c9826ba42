import type { EventRecord } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";
import {
  type EventKind,
  type EventLogView,
  type EventView,
  eventKinds,
} from "@tandem/protocol/live-view";
import { isErased } from "./erased-record";
import type { RoundEvent } from "./round/round-state";
import type { Runtime } from "./runtime";

const pageSize = 50;
const windowSize = 500;
const mostWindows = 10;

export type Asked = {
  /** Sequence number of the oldest that is known already. */
  readonly before?: number | undefined;
  readonly kind?: EventKind | undefined;
};

/**
 * What has happened, the latest first, a page at a time. It looks through a bounded part of the log for one,
 * so that a page may have few or none and there are more.
 */
export function createEventLog(options: {
  readonly store: Pick<ExperimentStore, "events">;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) {
  return async (id: ExperimentId, { before, kind }: Asked): Promise<EventLogView> => {
    const runtime = await options.runtime(id);
    const is = (type: EventView["type"]) => kind === undefined || kindOf[type] === kind;
    const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, runtime.record.sequence + 1);
    const [newest] = before === undefined ? [] : await options.store.events(id, end - 1, end);
    const found: EventRecord[] = [];
    let [next, oldest] = [end, newest?.at ?? Number.POSITIVE_INFINITY];
    for (let i = 0; i < mostWindows && next > 1 && found.length < pageSize; i++) {
      const from = Math.max(0, next - 1 - windowSize);
      const events = await options.store.events(id, from, next - 1);
      next = from + 1;
      for (const one of events.toReversed()) {
        [next, oldest] = [one.sequence, one.at];
        if (isShown(one) && is(typeOf(one))) found.push(one);
        if (found.length === pageSize) break;
      }
    }
    const span = { from: next > 1 ? oldest : 0, to: newest?.at ?? Number.POSITIVE_INFINITY };
    const events = [
      ...found.map((one) => eventView(runtime, one)),
      ...comings(runtime, span).filter(({ type }) => is(type)),
    ].sort((a, b) => b.at - a.at);
    return { events, ...(next > 1 && { before: next }) };
  };
}

const typeOf = ({ event }: EventRecord) => (event as unknown as RoundEvent).type; // by `commits`

/** Who has gone for good is in their record; what wakes somebody up is nobody's news. */
const isShown = ({ event }: EventRecord): boolean => {
  const { type, gone } = event as unknown as RoundEvent & { readonly gone?: true };
  return !(type === "left" && gone);
};

/** When people have come and gone, of which the log has not all. */
function comings(
  { clients }: Runtime,
  { from, to }: { readonly from: number; readonly to: number },
): readonly EventView[] {
  return [...clients.values()]
    .filter(({ record }) => !isErased(record))
    .flatMap(({ record: { name, joinedAt, leftAt } }) => [
      { at: joinedAt, type: "joined" as const, name },
      ...(leftAt === undefined ? [] : [{ at: leftAt, type: "gone" as const, name }]),
    ])
    .filter(({ at }) => at >= from && at < to);
}

function eventView({ clients, rounds }: Runtime, { at, event: stored }: EventRecord): EventView {
  const event = stored as unknown as RoundEvent;
  const client = "client" in event ? clients.get(event.client)?.record : undefined;
  const begun = [...rounds.values()].findLast(({ phases }) => (phases[0]?.at ?? at + 1) <= at);
  const round = "round" in event ? event.round : begun?.round;
  return {
    at,
    type: event.type,
    ...(round !== undefined && { round }),
    ...(client && !isErased(client) && { name: client.name }),
    ...("message" in event && { message: event.message }),
  };
}

const kindOf = Object.fromEntries(
  Object.entries(eventKinds).flatMap(([kind, types]) => types.map((type) => [type, kind])),
) as Readonly<Record<EventView["type"], EventKind>>;

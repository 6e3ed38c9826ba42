import { messageOf } from "@tandem/core/errors";
import type { MetricRecord } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import { blank } from "./erased-record";
import type { Erasing } from "./erasing";
import { connectionOf, type LiveClient } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import { changedClients } from "./records";
import { reduceRound } from "./round/round";
import { roundRecords } from "./round/round-record";
import { type Effect, type RoundEvent, type RoundState, roundState } from "./round/round-state";
import { dropWork, type Runtime, roundsOf, rulesOf } from "./runtime";
import { countControl } from "./traffic";

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

export type Decision = () => Promise<readonly [RoundEvent, Outputs] | undefined>;
export type Commits = {
  /** Reduces, commits event and outputs together, and only then acts. One after another. */
  dispatch(runtime: Runtime, event: RoundEvent, outputs?: Outputs): Promise<void>;
  /** The same of what follows from how things are when it is its turn; nothing where that is undefined. */
  decide(runtime: Runtime, decision: Decision): Promise<void>;
  /** The same, again and again until the store takes it. */
  insist(runtime: Runtime, event: RoundEvent): void;
};

const asJson = (value: RoundState | RoundEvent) => value as unknown as JsonObject; // plain JSON by their types

export function createCommits(
  options: CoordinatorOptions & {
    readonly changed: (runtime: Runtime) => void;
    readonly perform: (runtime: Runtime, effects: readonly Effect[]) => void;
  },
): Commits {
  const { store, clock, log, changed, perform } = options;

  async function apply(runtime: Runtime, decision: Decision): Promise<void> {
    if (runtime.closed) return;
    const doubtful = runtime.doubtful;
    if (doubtful) {
      runtime.record = await store.get(runtime.record.id);
      runtime.state = roundState(runtime.record.state);
    }
    const decided = await decision();
    if (!decided || runtime.closed) return;
    const [event, outputs] = decided;
    const events: readonly RoundEvent[] =
      doubtful && event.type !== "recovered" ? [{ type: "recovered" }, event] : [event];
    const before = outputs.erasing?.state ?? runtime.state;
    const effects: Effect[] = [];
    let state = before;
    for (const each of events) {
      const step = reduceRound(rulesOf(runtime), state, each);
      state = step.state;
      effects.push(...step.effects);
    }
    const isNews =
      state !== before ||
      outputs.metrics ||
      outputs.refused ||
      outputs.erasing ||
      isLogged(event) ||
      changesPlace(event);
    // Who comes and goes changes a record, and the log only where a round hears of it.
    const isSilent = changesPlace(event) && state === before;
    const logged = events.filter((each) => !(isSilent && each === event));
    if (isNews) await commit(runtime, { events, logged }, state, outputs);
    runtime.doubtful = false;
    if (state.status !== "running") stop(runtime);
    if (outputs.erasing && effects.length > 0) dropWork(runtime);
    perform(runtime, effects);
    if (isNews) changed(runtime);
  }

  async function commit(
    runtime: Runtime,
    { events, logged }: Record<"events" | "logged", readonly RoundEvent[]>,
    state: RoundState,
    outputs: Outputs,
  ): Promise<void> {
    const { id, sequence } = runtime.record;
    for (const client of runtime.clients.values()) countControl(runtime, client);
    const { up, down } = runtime.unsaved;
    const now = clock.now();
    const sums = { up, down, refused: outputs.refused ?? 0 };
    const { metrics = [], erasing } = outputs;
    const renamed = erasing?.rounds ?? [];
    const known = new Map([...runtime.rounds.values(), ...renamed].map((one) => [one.round, one]));
    const rounds = [...renamed, ...roundRecords(known, runtime.state, state, sums, now)];
    const blanked = (outputs.blank ?? []).map((client) => [client, blank(client)] as const);
    const { changed: records, forgotten } = changedClients(runtime, state, metrics);
    const written = records.map((client) => [client, client.record] as const);
    const isSame = state === runtime.state;
    try {
      await store.commit(id, {
        events: logged.map((event, i) => ({
          sequence: sequence + 1 + i,
          at: now,
          event: asJson(event),
        })),
        experiment: {
          updatedAt: now,
          ...(!isSame && { status: state.status, state: asJson(state) }),
        },
        rounds,
        clients: written.map(([, record]) => record),
        forgotten: forgotten.flatMap(({ saved }) => saved?.id ?? []),
        metrics,
        ...(erasing && { erased: erasing.erased }),
        ...(outputs.invitation !== undefined && { invitation: outputs.invitation }),
      });
    } catch (error) {
      for (const [client, record] of blanked) client.record = record;
      if (!runtime.doubtful) clock.after(1000, () => repair(runtime));
      runtime.doubtful = true;
      throw error;
    }
    runtime.unsaved.up -= up;
    runtime.unsaved.down -= down;
    const previous = runtime.state;
    options.observe?.({
      ...{ experiment: id, events, ...endedPhase(runtime, state, now) },
      ...(state.status !== previous.status && { status: state.status }),
    });
    runtime.state = state;
    runtime.record = {
      ...runtime.record,
      status: state.status,
      state: asJson(state),
      sequence: sequence + logged.length,
      updatedAt: now,
    };
    for (const round of rounds) runtime.rounds.set(round.round, round);
    if (erasing) forgetMetrics(runtime, erasing.erased.clients);
    for (const metric of metrics) replaceMetric(runtime, metric);
    for (const [client, record] of written) client.saved = record;
    for (const { record } of forgotten) runtime.clients.delete(record.id);
    if (isAnnounced(previous, state)) announce(runtime);
  }

  /** Whatever the failed event was to set going is set going by what the store holds. */
  function repair(runtime: Runtime): void {
    if (runtime.doubtful && !runtime.closed) insist(runtime, { type: "recovered" });
  }

  function decide(runtime: Runtime, decision: Decision): Promise<void> {
    const work = runtime.queue.then(() => apply(runtime, decision));
    runtime.queue = work.catch(() => {});
    return work;
  }

  const dispatch = (runtime: Runtime, event: RoundEvent, outputs: Outputs = {}) =>
    decide(runtime, async () => (outputs.signal?.aborted ? undefined : [event, outputs]));

  function insist(runtime: Runtime, event: RoundEvent): void {
    dispatch(runtime, event).catch((error) => {
      if (runtime.closed) return;
      log("an event could not be stored", { event: event.type, message: messageOf(error) });
      clock.after(1000, () => insist(runtime, event));
    });
  }

  return { dispatch, decide, insist };
}

const isLogged = ({ type }: RoundEvent) => type === "refused" || type === "recovered";
const changesPlace = (event: RoundEvent) =>
  event.type === "joined" || (event.type === "left" && event.gone === true);

function stop(runtime: Runtime): void {
  dropWork(runtime);
  runtime.cancelDeadline();
}

function forgetMetrics({ metrics }: Runtime, clients: readonly string[]): void {
  const rest = metrics.filter(({ client }) => client === undefined || !clients.includes(client));
  metrics.splice(0, metrics.length, ...rest);
}

function replaceMetric({ metrics }: Runtime, metric: MetricRecord): void {
  const at = metrics.findIndex((m) => m.round === metric.round && m.client === metric.client);
  if (at < 0) metrics.push(metric);
  else metrics[at] = metric;
}

function endedPhase({ state, rounds }: Runtime, next: RoundState, now: number) {
  const since = rounds.get(state.round)?.phases.at(-1)?.at;
  const isOver = state.phase !== next.phase || state.round !== next.round;
  return isOver && since !== undefined && { ended: { phase: state.phase, ms: now - since } };
}

const isAnnounced = (a: RoundState, b: RoundState) =>
  a.phase !== b.phase || a.round !== b.round || a.status !== b.status;

function announce(runtime: Runtime): void {
  for (const client of runtime.clients.values()) tellStatus(runtime, client);
}

/** Tells a client where the experiment is. */
export function tellStatus(runtime: Runtime, client: LiveClient): void {
  const { state } = runtime;
  const isOfOthers = state.phase === "collecting" && !state.cohort.includes(client.record.id);
  connectionOf(client)?.send("status", {
    round: state.round,
    rounds: roundsOf(runtime),
    phase: state.status === "running" ? state.phase : state.status,
    clients: state.ready.length,
    ...(isOfOthers && { rests: true }),
  });
}

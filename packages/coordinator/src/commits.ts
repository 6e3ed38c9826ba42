import { messageOf } from "@tandem/core/errors";
import type { ClientRecord, RoundRecord } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import { type Group, isAnnounced, type Outputs, reduceGroup, type Waiting } from "./commit-group";
import { blank } from "./erased-record";
import { connectionOf, type LiveClient } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import { changedClients } from "./records";
import { checkpointOf, isCheckpointDue, isOften, storedState } from "./round/checkpoint";
import { documentOf, type RoundDocument } from "./round/round-document";
import { recordsToWrite, roundRecords } from "./round/round-record";
import type { Effect, RoundEvent, RoundState } from "./round/round-state";
import { dropWork, inTurn, type Runtime, roundsOf, rulesOf } from "./runtime";
import { countControl } from "./traffic";

/** What is shown of it has changed, and where these clients stand. */
export type Changed = (runtime: Runtime, of?: Iterable<LiveClient>) => void;

/** So many events wait for one transaction at most. */
const mostAtOnce = 256;

export type Decision = () => Promise<readonly [RoundEvent, Outputs] | undefined>;
export type Commits = {
  /**
   * Reduces, commits event and outputs together, and only then acts. One after another; those that wait are
   * stored at once, and each resolves when it is.
   */
  dispatch(runtime: Runtime, event: RoundEvent, outputs?: Outputs): Promise<void>;
  /** The same of what follows from how things are when it is its turn; nothing where that is undefined. */
  decide(runtime: Runtime, decision: Decision): Promise<void>;
  /** The same, again and again until the store takes it. */
  insist(runtime: Runtime, event: RoundEvent): void;
};

const asJson = (value: RoundDocument | RoundEvent) => value as unknown as JsonObject; // plain JSON by their types

export function createCommits(
  options: CoordinatorOptions & {
    readonly changed: Changed;
    readonly perform: (runtime: Runtime, effects: readonly Effect[]) => void;
  },
): Commits {
  const { store, clock, log, changed, perform } = options;
  /** The last of those that wait, while more may be stored with them. */
  const open = new WeakMap<Runtime, Waiting[]>();

  /** In as few transactions as there may be, each of them followed by what it asks for. */
  async function applyAll(runtime: Runtime, batch: readonly Waiting[]): Promise<void> {
    for (let rest = batch; rest.length > 0; ) {
      let taken = 1;
      let settle: (one: Waiting) => void = ({ resolve }) => resolve();
      try {
        const isDoubtful = await refresh(runtime);
        if (!runtime.closed && !rest[0].outputs.signal?.aborted) {
          const group = reduceGroup(runtime, rest, isDoubtful);
          taken = group.taken;
          await applyGroup(runtime, group);
        }
      } catch (error) {
        settle = ({ reject }) => reject(error);
      }
      rest.slice(0, taken).forEach(settle);
      rest = rest.slice(taken);
    }
  }

  /** After a failed commit, what the store holds; whether there was one. */
  async function refresh(runtime: Runtime): Promise<boolean> {
    if (runtime.closed || !runtime.doubtful) return false;
    const { config } = runtime.record;
    runtime.record = { ...(await store.get(runtime.record.id)), config };
    runtime.state = await storedState(store, rulesOf(runtime), runtime.record);
    return true;
  }

  async function applyGroup(runtime: Runtime, group: Group): Promise<void> {
    const { state, effects, outputs } = group;
    const isNews = group.events.length > 0;
    const of = [...concerned(runtime, group)];
    if (isNews) await commit(runtime, group, of);
    runtime.doubtful = false;
    if (state.status !== "running") stop(runtime);
    if (outputs.erasing && effects.length > 0) dropWork(runtime);
    perform(runtime, effects);
    if (isNews) changed(runtime, of);
  }

  async function commit(runtime: Runtime, group: Group, of: readonly LiveClient[]): Promise<void> {
    const { state, events, logged, outputs } = group;
    const { id, sequence } = runtime.record;
    for (const client of of) countControl(runtime, client);
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
    const next = recordOf(runtime, group, now);
    try {
      await store.commit(id, {
        events: numbered(logged, sequence + 1, now),
        experiment: {
          updatedAt: now,
          ...(state !== runtime.state && { status: state.status }),
          ...next.checkpoint,
        },
        ...recordsToWrite(runtime.rounds, rounds),
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
    runtime.record = next.record;
    keep(runtime, outputs, { rounds, written, forgotten });
    if (isAnnounced(previous, state)) announce(runtime);
  }

  /** Whatever the failed event was to set going is set going by what the store holds. */
  function repair(runtime: Runtime): void {
    if (runtime.doubtful && !runtime.closed) insist(runtime, { type: "recovered" });
  }

  const dispatch = (runtime: Runtime, event: RoundEvent, outputs: Outputs = {}) =>
    new Promise<void>((resolve, reject) => {
      const one = { event, outputs, resolve, reject };
      const last = open.get(runtime);
      if (last && last.length < mostAtOnce) {
        last.push(one);
        return;
      }
      const batch = [one];
      open.set(runtime, batch);
      void inTurn(runtime, () => {
        if (open.get(runtime) === batch) open.delete(runtime);
        return applyAll(runtime, batch);
      });
    });

  function decide(runtime: Runtime, decision: Decision): Promise<void> {
    open.delete(runtime);
    return inTurn(runtime, async () => {
      await refresh(runtime);
      const decided = runtime.closed ? undefined : await decision();
      if (!decided) return;
      const [event, outputs] = decided;
      await new Promise<void>((resolve, reject) => {
        void applyAll(runtime, [{ event, outputs, resolve, reject }]);
      });
    });
  }

  function insist(runtime: Runtime, event: RoundEvent): void {
    dispatch(runtime, event).catch((error) => {
      if (runtime.closed) return;
      log("an event could not be stored", { event: event.type, message: messageOf(error) });
      clock.after(1000, () => insist(runtime, event));
    });
  }

  return { dispatch, decide, insist };
}

/** The record after a group. The state's document is written anew unless clients have only come, gone and answered. */
function recordOf({ record, state: before }: Runtime, { state, logged }: Group, updatedAt: number) {
  const sequence = record.sequence + logged.length;
  const since = checkpointOf(record);
  const isDue =
    isAnnounced(before, state) ||
    !logged.every(({ type }) => isOften(type)) ||
    isCheckpointDue(state, sequence - since);
  const checkpoint = isDue
    ? { state: asJson(documentOf(state)), stateSequence: sequence }
    : { stateSequence: since };
  return {
    checkpoint,
    record: { ...record, ...checkpoint, status: state.status, sequence, updatedAt },
  };
}

const numbered = (events: readonly RoundEvent[], first: number, at: number) =>
  events.map((event, i) => ({ sequence: first + i, at, event: asJson(event) }));

/** Whom a group is about: all where a phase ends. */
function concerned({ clients }: Runtime, { before, state, events }: Group): Iterable<LiveClient> {
  if (isAnnounced(before, state)) return clients.values();
  const ids = events.flatMap((event) =>
    "clients" in event ? event.clients : "client" in event ? [event.client] : [],
  );
  return new Set(ids.flatMap((id) => clients.get(id) ?? []));
}

function stop(runtime: Runtime): void {
  dropWork(runtime);
  runtime.cancelDeadline();
}

/** What is stored is so from now on. */
function keep(
  runtime: Runtime,
  { metrics = [], erasing }: Outputs,
  {
    rounds,
    written,
    forgotten,
  }: {
    readonly rounds: readonly RoundRecord[];
    readonly written: readonly (readonly [LiveClient, ClientRecord])[];
    readonly forgotten: readonly LiveClient[];
  },
): void {
  for (const round of rounds) runtime.rounds.set(round.round, round);
  for (const client of erasing?.erased.clients ?? []) runtime.metrics.forget(client);
  for (const metric of metrics) runtime.metrics.put(metric);
  for (const [client, record] of written) {
    client.saved = record;
    if (client.record === record) runtime.clients.touched.delete(client);
  }
  for (const { record } of forgotten) runtime.clients.delete(record.id);
}

function endedPhase({ state, rounds }: Runtime, next: RoundState, now: number) {
  const since = rounds.get(state.round)?.phases.at(-1)?.at;
  const isOver = state.phase !== next.phase || state.round !== next.round;
  return isOver && since !== undefined && { ended: { phase: state.phase, ms: now - since } };
}

function announce(runtime: Runtime): void {
  for (const client of runtime.clients.values()) tellStatus(runtime, client);
}

/** Tells a client where the experiment is. */
export function tellStatus(runtime: Runtime, client: LiveClient): void {
  const { state } = runtime;
  const isOfOthers = state.phase === "collecting" && !state.cohort.has(client.record.id);
  connectionOf(client)?.send("status", {
    round: state.round,
    rounds: roundsOf(runtime),
    phase: state.status === "running" ? state.phase : state.status,
    clients: state.ready.size,
    ...(isOfOthers && { rests: true }),
  });
}

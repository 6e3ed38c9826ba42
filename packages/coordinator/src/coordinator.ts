import { TandemError } from "@tandem/core/errors";
import type { EventRecord, ExperimentRecord } from "@tandem/core/experiment";
import type { BlobHash, ExperimentId } from "@tandem/core/ids";
import { createAdopting, requireOwn } from "./adopting";
import { createApplicants } from "./applicants";
import { createArtefacts } from "./artefacts";
import { createAttendance } from "./attendance";
import { createBlobKeeper } from "./blob-keeper";
import { createBlobRights } from "./blob-rights";
import { clientCurves } from "./client-curves";
import { createCreation } from "./creation";
import { createCrowds } from "./crowds";
import { createEffects } from "./effects";
import { createErasure } from "./erasure";
import { createEventLog } from "./event-log";
import { extending } from "./extension";
import { createInvitations } from "./invitations";
import { labelling } from "./labels";
import type { LiveClient } from "./live-client";
import { createModeration } from "./moderation";
import type { CoordinatorOptions } from "./ports";
import { stateOf } from "./round/checkpoint";
import { rowOf } from "./row";
import { type Runtime, rulesOf } from "./runtime";
import { createRuntimes } from "./runtimes";
import { createSessions } from "./sessions";
import { addBytes } from "./traffic";
import { vacanciesOf } from "./vacancies";
import { viewOf } from "./view";
import { createWatchers, type Watcher } from "./watchers";

export type Coordinator = ReturnType<typeof createCoordinator>;
/** An experiment as far as one looks for it. */
export type Standing = Omit<ExperimentRecord, "state">;

/** Runs experiments: commits every step, then does what the step asks for. */
export function createCoordinator(options: CoordinatorOptions) {
  const { clock } = options;
  const watchers = createWatchers(clock);
  const keeper = createBlobKeeper(options);
  const commits = createEffects({ ...options, changed, keeper });
  const attendance = createAttendance({ clock, commits, changed, limits: options.places });
  const crowds = createCrowds(clock, options.places);
  const runtimes = createRuntimes({ ...options, strategyOf, commits, attendance, keeper });
  const runtime = runtimes.get;
  const erasure = createErasure({ ...options, commits, keeper, all: runtimes.all });
  const { knock, ...applicants } = createApplicants({ ...options, crowds, runtime });
  const sessions = createSessions({
    ...options,
    changed,
    commits,
    attendance,
    crowds,
    knock,
    erasure,
    keeper,
    runtime,
    subscribe,
  });
  const artefacts = createArtefacts({ ...options, runtime });
  const invitations = createInvitations({ ...options, runtime });
  const creation = createCreation({ ...options, strategyOf, runtimes });
  const moderation = createModeration({ commits, attendance, erasure, runtime });

  function changed(target: Runtime, of: Iterable<LiveClient> = []): void {
    attendance.look(target, of);
    keeper.sweep(target);
    watchers.changed(target);
  }

  function strategyOf(name: string) {
    const found = options.strategies.find((strategy) => strategy.name === name);
    const known = options.strategies.map((strategy) => strategy.name).join(", ");
    if (!found)
      throw new TandemError("bad-config", `There is no strategy "${name}": use one of ${known}.`);
    return found;
  }

  const command = (type: "started" | "paused" | "resumed") => async (id: ExperimentId) => {
    const target = await runtime(id);
    requireOwn(target);
    await commits.dispatch(target, { type });
    return viewOf(target);
  };

  /** Shows it to the watcher now, and after each change. */
  function subscribe(id: ExperimentId, show: Watcher["show"], end = () => {}): () => void {
    const stop = watchers.add(id, { show, end });
    runtime(id).then((target) => show(viewOf(target)), stop);
    return stop;
  }

  return {
    create: creation.create,
    createAll: creation.createAll,
    adopt: createAdopting({ ...options, keeper, runtimes, check: creation.checkedConfig }),
    start: command("started"),
    pause: command("paused"),
    resume: command("resumed"),
    async remove(id: ExperimentId) {
      await runtimes.remove(id);
      watchers.forget(id);
    },
    /** Of which this holds; of all without it. */
    async list(holds: (experiment: Standing) => boolean = () => true) {
      const all = await runtimes.all();
      return all
        .filter(({ record, state }) => holds({ ...record, status: state.status }))
        .map(viewOf);
    },
    /** All, as a list shows them. */
    rows: async () => (await runtimes.all()).map(rowOf),
    label: labelling(runtime, { ...options, changed }),
    extend: extending({ commits, runtime, strategyOf }),
    view: async (id: ExperimentId) => viewOf(await runtime(id)),
    /** The experiment's places, as somebody should know them before joining. */
    async vacancies(id: ExperimentId) {
      const target = await runtime(id);
      return vacanciesOf(target, await target.data(), clock.now());
    },
    ...artefacts,
    clientCurves: async (id: ExperimentId) => clientCurves(await runtime(id)),
    /** The round as it is after all of its log. */
    async stateAfter(record: ExperimentRecord, log: readonly EventRecord[]) {
      return stateOf(rulesOf(await runtime(record.id)), record, log);
    },
    events: createEventLog({ store: options.store, runtime }),
    ...invitations,
    ...applicants,
    ...moderation,
    subscribe,
    connect: sessions.connect,
    authorise: runtimes.ownerOf,
    /** What is to be known of a token before it reads or puts a blob. */
    blobs: createBlobRights({ runtimes, keeper }),
    /** Blob traffic of the client that a token belongs to; with its hash, data is told apart. */
    meter(token: string, direction: "up" | "down", bytes: number, hash?: BlobHash) {
      const owner = runtimes.ownerOf(token);
      const target = owner && runtimes.loaded(owner.experiment);
      const client = owner && target?.clients.get(owner.client);
      if (!target || !client) return;
      const sums = direction === "up" ? { up: bytes, down: 0 } : { up: 0, down: bytes };
      const isInstruction =
        hash === undefined || target.state.instructions.get(client.record.id)?.hash === hash;
      addBytes(target, client, sums, direction === "down" && !isInstruction);
    },
    /** After a restart: every running experiment goes on where it was, and what is due for erasure goes. */
    async recover() {
      await runtimes.all();
      await erasure.keepTime();
    },
    /** Tells everyone that the server goes away now and when to come back. */
    announceRestart: sessions.announceRestart,
    async close() {
      erasure.close();
      await runtimes.closeAll();
    },
  };
}

import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import type { TandemConnection } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import { createTeller } from "@tandem/protocol/view-change";
import type { Applicants } from "./applicants";
import type { Attendance } from "./attendance";
import type { BlobKeeper } from "./blob-keeper";
import { type Changed, type Commits, tellStatus } from "./commits";
import type { Crowds } from "./crowds";
import type { Erasure } from "./erasure";
import { type Joined, join } from "./join";
import { connectionOf, load, paceOf } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import { limitedRequests } from "./requests";
import { latenessOf } from "./round/late";
import { amongJoins, type Runtime, rulesOf } from "./runtime";
import { refuseUnsigned, takeUpload } from "./uploads";
import { removal, type Watcher } from "./watchers";

export type SessionOptions = Pick<
  CoordinatorOptions,
  "store" | "blobs" | "clock" | "random" | "log" | "requestsPerSecond"
> & {
  readonly crowds: Crowds;
  readonly knock: Applicants["knock"];
  readonly erasure: Pick<Erasure, "ask">;
  readonly keeper: BlobKeeper;
  readonly changed: Changed;
  readonly commits: Commits;
  readonly attendance: Attendance;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
  readonly subscribe: (id: ExperimentId, show: Watcher["show"], end: Watcher["end"]) => () => void;
};

/** Answers what comes over one connection for as long as it lasts. */
export function openSession(options: SessionOptions, connection: TandemConnection): void {
  const { clock, log, commits, attendance, keeper, changed } = options;
  const handle = limitedRequests(connection, clock, log, options.requestsPerSecond);
  let session: Pick<Joined, "runtime" | "client"> | undefined;
  let unwatch = () => {};
  let closed = false;
  /** For the next join or erasure, and for no other. */
  let challenge: string | undefined;
  /** What has joined over it, unless it has left or gone on over another connection. */
  const member = () =>
    session && connectionOf(session.client) === connection ? session : undefined;
  const joined = () => {
    const found = member();
    if (!found) throw new TandemError("unauthorised", "Join first.");
    return found;
  };

  handle("challenge", async () => {
    challenge = options.random.token();
    return { ok: true, challenge };
  });
  const asking = () => {
    const asked = { connection, challenge };
    challenge = undefined;
    return asked;
  };
  handle("join", async (body) => {
    const asked = asking();
    const runtime = await options.runtime(body.experiment);
    const before = member();
    if (before && before.runtime !== runtime)
      throw new TandemError("conflict", "This connection has joined another experiment.");
    if (before && body.token === undefined)
      throw new TandemError("conflict", "This connection has joined already: send its token.");
    const outcome = await amongJoins(runtime, async () => {
      if (closed) throw new TandemError("unavailable", "The connection was closed.");
      const notYet = await options.knock(runtime, asked, body);
      return notYet ?? (await join(options, runtime, asked, body));
    });
    if ("ok" in outcome) return outcome;
    const { reply, client } = outcome;
    if (before && before.client !== client) attendance.lost(runtime, before.client);
    session = { runtime, client };
    if (closed) attendance.lost(runtime, client);
    if (runtime.state.status === "finished")
      connection.send("finish", { reason: "All rounds are done." });
    return reply;
  });
  handle("ready", async ({ samples, device, speed }) => {
    const { runtime } = joined();
    const { own } = await runtime.data();
    const { client } = joined();
    if (own && samples !== client.trains)
      throw new TandemError(
        "bad-data",
        `You joined with ${client.trains} samples to train on, and have ${samples}: join again.`,
      );
    client.record = { ...client.record, device };
    load(client);
    const pace = paceOf(client, speed);
    await commits.dispatch(runtime, { type: "ready", client: client.record.id, ...pace });
    tellStatus(runtime, client);
    return { ok: true };
  });
  handle("progress", async ({ round, stage, fraction }) => {
    const { runtime, client } = joined();
    client.report = { stage, fraction };
    attendance.alive(runtime, client);
    // Who is at work on what is still of use is not interrupted by the next round.
    const asked = { round, client: client.record.id };
    const isOfUse = latenessOf(rulesOf(runtime), runtime.state, asked).verdict === "open";
    if (!isOfUse) await attendance.awake(runtime, client);
    changed(runtime, [client]);
    return { ok: true };
  });
  handle("upload", async (body) => {
    const { runtime, client } = joined();
    const judge = () => takeUpload(options, runtime, client, body);
    const work = client.uploads.then(async () => {
      await refuseUnsigned(options, runtime, client, body);
      return keeper.judging(runtime, client, body.hash, judge);
    });
    client.uploads = work.catch(() => {});
    return work;
  });
  handle("fail", async ({ round, message }) => {
    const { runtime, client } = joined();
    const { id } = client.record;
    const experiment = runtime.record.id;
    options.log("client failed a round", { experiment, client: id, round, message });
    if (round === runtime.state.round)
      await commits.dispatch(runtime, { type: "failed", client: id, message });
    await attendance.awake(runtime, client);
    return { ok: true };
  });
  handle("leave", async () => {
    const { runtime, client } = joined();
    await attendance.leave(runtime, client);
    return { ok: true };
  });
  handle("erase", async (body) => {
    const asked = asking();
    return options.erasure.ask(await options.runtime(body.experiment), asked, body);
  });
  handle("watch", async ({ experiment, changes }) => {
    await options.runtime(experiment);
    unwatch();
    const tell = changes ? createTeller() : (view: ExperimentView) => ["view", view] as const;
    unwatch = options.subscribe(
      experiment,
      (view) => connection.sendLatest(() => tell(view)),
      () => connection.send("finish", removal),
    );
    if (closed) unwatch();
    return { ok: true };
  });
  connection.onClose(() => {
    closed = true;
    unwatch();
    const gone = member();
    if (gone) attendance.lost(gone.runtime, gone.client);
  });
}

import { messageOf, TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import { createLimiter } from "@tandem/core/limiter";
import type { Needs } from "@tandem/core/strategy";
import type { requests, TandemConnection, TandemRequests } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import type * as z from "zod/mini";
import type { CoordinatorOptions } from "./coordinator";
import type { Effects } from "./effects";
import { type Joined, join } from "./join";
import { latenessOf } from "./round/late";
import { countControl, type LiveClient, type Runtime, rulesOf } from "./runtime";
import { checkUpload } from "./uploads";

type Requests = { readonly [K in keyof typeof requests]: z.infer<(typeof requests)[K]["request"]> };
type Reply<K extends keyof Requests> = TandemRequests[K]["reply"];

const graceMs = 5_000;

export function createSessions(
  options: CoordinatorOptions & {
    readonly changed: (runtime: Runtime) => void;
    readonly effects: Effects;
    readonly needsOf: (runtime: Runtime) => Needs;
    readonly runtime: (id: ExperimentId) => Promise<Runtime>;
    readonly subscribe: (id: ExperimentId, listener: (view: ExperimentView) => void) => () => void;
  },
) {
  const { blobs, clock, effects, changed } = options;
  const connections = new Set<TandemConnection>();

  function connect(connection: TandemConnection): void {
    let session: Pick<Joined, "runtime" | "client"> | undefined;
    let unwatch = () => {};
    let closed = false;
    connections.add(connection);
    const mayReport = createLimiter(clock, { perSecond: 20, burst: 40 });
    const mayAsk = createLimiter(clock, { perSecond: 10, burst: 40 });
    const joined = () => {
      if (!session || session.client.connection !== connection)
        throw new TandemError("unauthorised", "Join first.");
      return session;
    };
    const handle = <K extends keyof Requests>(
      event: K,
      work: (body: Requests[K]) => Promise<Reply<K>>,
    ) =>
      connection.handle(event, async (body) => {
        try {
          if (!(event === "progress" ? mayReport : mayAsk)())
            throw new TandemError("too-many", `Too many "${event}" requests: wait a second.`);
          return await work(body as Requests[K]);
        } catch (error) {
          return refusal(error) as Reply<K>; // every reply of the contract may be a refusal
        }
      });

    handle("join", async (body) => {
      const runtime = await options.runtime(body.experiment);
      if (session && session.client.connection === connection && session.runtime !== runtime)
        throw new TandemError("conflict", "This connection has joined another experiment.");
      const needs = options.needsOf(runtime);
      const own = session?.client.connection === connection ? session : undefined;
      if (own && body.token === undefined)
        throw new TandemError("conflict", "This connection has joined already: send its token.");
      const work = runtime.joins.then(() => {
        if (closed) throw new TandemError("unavailable", "The connection was closed.");
        return join({ ...options, needs, lost }, runtime, connection, body);
      });
      runtime.joins = work.catch(() => {});
      const { reply, client } = await work;
      if (own && own.client !== client) lost(own.runtime, own.client);
      session = { runtime, client };
      if (closed) lost(runtime, client);
      if (runtime.state.status === "finished")
        connection.send("finish", { reason: "All rounds are done." });
      return reply;
    });
    handle("ready", async ({ samples, device, speed }) => {
      const { runtime, client } = joined();
      client.record = { ...client.record, samples, device };
      client.loaded = true;
      const pace = paceOf(client, speed);
      await effects.dispatch(runtime, { type: "ready", client: client.record.id, ...pace });
      return { ok: true };
    });
    handle("progress", async ({ round, stage, fraction }) => {
      const { runtime, client } = joined();
      Object.assign(client, { stage, fraction });
      // Who is at work on what is still of use is not interrupted by the next round.
      const asked = { round, client: client.record.id };
      const isOfUse = latenessOf(rulesOf(runtime), runtime.state, asked).verdict === "open";
      if (!isOfUse) await awake(runtime, client);
      changed(runtime);
      return { ok: true };
    });
    handle("upload", async (body) => {
      const { runtime, client } = joined();
      const work = client.uploads.then(() => upload(runtime, client, body));
      client.uploads = work.catch(() => {});
      return work;
    });
    handle("fail", async ({ round, message }) => {
      const { runtime, client } = joined();
      const { id } = client.record;
      const experiment = runtime.record.id;
      options.log("client failed a round", { experiment, client: id, round, message });
      if (round === runtime.state.round)
        await effects.dispatch(runtime, { type: "failed", client: id, message });
      await awake(runtime, client);
      return { ok: true };
    });
    handle("leave", async () => {
      const { runtime, client } = joined();
      countControl(runtime, client);
      client.connection = undefined;
      client.record = { ...client.record, leftAt: clock.now() };
      await effects.dispatch(runtime, { type: "left", client: client.record.id });
      return { ok: true };
    });
    handle("watch", async ({ experiment }) => {
      await options.runtime(experiment);
      unwatch();
      unwatch = options.subscribe(experiment, (view) => connection.send("view", view));
      if (closed) unwatch();
      return { ok: true };
    });
    connection.onClose(() => {
      closed = true;
      connections.delete(connection);
      unwatch();
      if (session?.client.connection === connection) lost(session.runtime, session.client);
    });
  }

  /** A client that is silent after a deadline is asked again once it shows a sign of life. */
  async function awake(runtime: Runtime, client: LiveClient): Promise<void> {
    const { record, connection, loaded } = client;
    if (connection && loaded && !runtime.state.ready.includes(record.id))
      await effects.dispatch(runtime, { type: "ready", client: record.id });
  }

  /** Lets a client that has lost its connection come back for a moment before the round goes on. */
  function lost(runtime: Runtime, client: LiveClient, patienceMs = graceMs): void {
    countControl(runtime, client);
    Object.assign(client, { connection: undefined, loaded: false, awaySince: clock.now() });
    client.cancelAway();
    client.cancelAway = clock.after(patienceMs, () => {
      if (!client.connection) effects.insist(runtime, { type: "left", client: client.record.id });
    });
    changed(runtime);
  }

  async function upload(runtime: Runtime, client: LiveClient, body: Requests["upload"]) {
    const { id } = client.record;
    const { hash, round, metrics } = body;
    let timing: Awaited<ReturnType<typeof checkUpload>>;
    try {
      timing = await checkUpload(runtime, client, body, { blobs, ...effects });
      if (timing === "duplicate") return { ok: true as const, duplicate: true };
      // An answer shows that its client is here, which this one is no longer.
      if (client.record.leftAt !== undefined)
        throw new TandemError("stale", "The client has left: join again to take part.");
    } catch (error) {
      const { code, message } = refusal(error).error;
      await effects.dispatch(
        runtime,
        { type: "refused", client: id, code, message },
        { refused: 1 },
      );
      await awake(runtime, client);
      throw error;
    }
    const pace = paceOf(client, body.speed);
    await effects.dispatch(
      runtime,
      timing === "late"
        ? { type: "late", client: id, round, hash, ...pace }
        : { type: "uploaded", client: id, hash, ...pace },
      { metrics: [{ round, client: id, metrics }] },
    );
    if (timing === "late") await awake(runtime, client);
    if (metrics.accuracy !== undefined) client.accuracy = metrics.accuracy;
    Object.assign(client, { stage: undefined, fraction: undefined });
    return { ok: true as const, duplicate: false };
  }

  return {
    connect,
    announceRestart(afterMs: number) {
      for (const connection of connections) connection.send("restart", { afterMs });
    },
    /** After a restart: who was there is given time to find the server again. */
    expect(runtime: Runtime, client: LiveClient) {
      lost(runtime, client, 6 * graceMs);
    },
  };
}

/** How long an answer takes the client by its own account; notes the speed. */
function paceOf(client: LiveClient, speed: number | undefined): { readonly paceMs?: number } {
  if (speed === undefined) return {};
  client.speed = speed;
  return { paceMs: Math.round((1000 * client.record.samples) / speed) };
}

function refusal(error: unknown) {
  const code = error instanceof TandemError ? error.code : "unavailable";
  // NUL and half surrogate pairs cannot be stored or sent.
  const message = messageOf(error)
    .slice(0, 499)
    .replace(/[\0\p{Surrogate}]/gu, "");
  return { ok: false as const, error: { code, message } };
}

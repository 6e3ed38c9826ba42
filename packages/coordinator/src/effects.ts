import { messageOf, TandemError, unreachable } from "@tandem/core/errors";
import type { MetricRecord, Phase, RoundRecord } from "@tandem/core/experiment";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { Change } from "@tandem/core/stores";
import type { Metrics, ServerEnv, ServerStep } from "@tandem/core/strategy";
import { summarise } from "@tandem/evaluation/clients";
import { encodePayload } from "@tandem/protocol/payload";
import type { CoordinatorOptions } from "./coordinator";
import { clientInfo, countControl, type Runtime } from "./experiment-runtime";
import { type Effect, type RoundEvent, reduceRound } from "./round";
import { accumulateUploads } from "./uploads";

const attempts = 3;

export function createEffects(
  options: CoordinatorOptions & { readonly changed: (runtime: Runtime) => void },
) {
  const { store, blobs, clock, log, changed } = options;

  /** Reduces, commits event and outputs together, and only then acts. One after another. */
  function dispatch(runtime: Runtime, event: RoundEvent, extra: Change = {}): Promise<void> {
    const work = runtime.queue.then(async () => {
      const before = runtime.state;
      const { state, effects } = reduceRound(runtime.record.config, before, event);
      const now = clock.now();
      const sequence = runtime.record.sequence + 1;
      runtime.state = state;
      const rounds = roundRecord(runtime, before.phase, now);
      if (extra.metrics) runtime.metrics.push(...extra.metrics);
      await store.commit(runtime.record.id, {
        events: [{ sequence, at: now, event: event as unknown as JsonObject }],
        experiment: { status: state.status, state: state as unknown as JsonObject, updatedAt: now },
        rounds,
        clients: [...runtime.clients.values()].map(({ record }) => record),
        ...(extra.metrics && { metrics: extra.metrics }),
      });
      runtime.record = { ...runtime.record, status: state.status, sequence, updatedAt: now };
      changed(runtime);
      perform(runtime, effects);
    });
    runtime.queue = work.catch(() => {});
    return work;
  }

  /** The record of the present round, with the phase it has just entered. */
  function roundRecord(runtime: Runtime, before: Phase, now: number): readonly RoundRecord[] {
    const { state, rounds } = runtime;
    if (state.round === 0) return [];
    const known = rounds.get(state.round);
    const sums = { bytesUp: known?.bytesUp ?? 0, bytesDown: known?.bytesDown ?? 0 };
    for (const client of runtime.clients.values()) {
      countControl(client);
      sums.bytesUp += client.roundUp;
      sums.bytesDown += client.roundDown;
      client.roundUp = client.roundDown = 0;
    }
    const phases = [...(known?.phases ?? [])];
    if (!known || before !== state.phase) phases.push({ phase: state.phase, at: now });
    const isCurrent = state.cohort.length > 0;
    const record: RoundRecord = {
      round: state.round,
      phases,
      cohort: isCurrent ? state.cohort.map(clientId) : (known?.cohort ?? []),
      uploads: isCurrent ? Object.keys(state.answers).length : (known?.uploads ?? 0),
      refused: known?.refused ?? 0,
      ...sums,
      ...(state.strategyState && {
        stateHash: state.strategyState as RoundRecord["stateHash"] & string,
      }),
      ...(state.status === "finished" && { endedAt: now }),
    };
    rounds.set(state.round, record);
    const last = rounds.get(state.round - 1);
    if (!last || last.endedAt !== undefined) return [record];
    const ended = { ...last, endedAt: now };
    rounds.set(last.round, ended);
    return [ended, record];
  }

  function perform(runtime: Runtime, effects: readonly Effect[]): void {
    for (const effect of effects) void act(runtime, effect);
  }

  function act(runtime: Runtime, effect: Effect): Promise<void> | undefined {
    switch (effect.type) {
      case "prepare":
        return step(runtime, "prepared", async (env) => {
          const start = runtime.strategyState ?? (await runtime.server.init(env));
          return runtime.server.prepare(start, env);
        });
      case "publish":
        for (const client of runtime.state.cohort) void instruct(runtime, client);
        return undefined;
      case "await-deadline": {
        runtime.cancelDeadline();
        const { round } = runtime.state;
        const { deadlineMs } = runtime.record.config;
        runtime.cancelDeadline = clock.after(deadlineMs, () => {
          void dispatch(runtime, { type: "deadline", round });
        });
        return undefined;
      }
      case "aggregate":
        runtime.cancelDeadline();
        return step(runtime, "aggregated", async (env) =>
          runtime.server.conclude(stateOf(runtime), await accumulateUploads(runtime, blobs), env),
        );
      case "teach":
        return step(runtime, "taught", (env) => runtime.server.teach(stateOf(runtime), env));
      case "evaluate":
        return dispatch(
          runtime,
          { type: "evaluated" },
          { metrics: [{ round: runtime.state.round, metrics: clientSummary(runtime) }] },
        );
      case "finish":
        for (const { connection } of runtime.clients.values())
          connection?.send("finish", { reason: "All rounds are done." });
        return undefined;
      default:
        return unreachable(effect);
    }
  }

  /** A phase's work at the server: three attempts, then the experiment fails with the reason. */
  async function step(
    runtime: Runtime,
    type: "prepared" | "aggregated" | "taught",
    work: (env: ServerEnv) => Promise<ServerStep>,
  ): Promise<void> {
    const { round, phase } = runtime.state;
    const { signal } = runtime.abort;
    for (let attempt = 1; ; attempt++) {
      try {
        runtime.progress = { fraction: 0, note: "" };
        const { state, metrics } = await work(await environment(runtime, signal));
        if (signal.aborted) return;
        const hash = await blobs.put(encodePayload(state));
        runtime.strategyState = state;
        const known = metricsOf(runtime, round);
        await dispatch(
          runtime,
          { type, state: hash },
          { metrics: [{ round, metrics: { ...known, ...metrics } }] },
        );
        return;
      } catch (error) {
        if (signal.aborted) return;
        log("step failed", {
          experiment: runtime.record.id,
          round,
          phase,
          attempt,
          message: messageOf(error),
        });
        if (attempt === attempts) {
          const message = `${phase} of round ${round} failed: ${messageOf(error)} Resume to try again.`;
          await dispatch(runtime, { type: "broken", message });
          return;
        }
        await new Promise<void>((resolve) => clock.after(1000 * 2 ** attempt, resolve));
      }
    }
  }

  async function environment(runtime: Runtime, signal: AbortSignal): Promise<ServerEnv> {
    const { round, phase } = runtime.state;
    const { seed } = runtime.record.config;
    return {
      round,
      classes: runtime.data.classes,
      teacher: await options.teacher(),
      rng: createRng(`${seed}/${round}/${phase}`),
      signal,
      progress(fraction, note) {
        runtime.progress = { fraction, note };
        changed(runtime);
      },
    };
  }

  /** Sends the round's instruction to a client that is there and has not answered. */
  async function instruct(runtime: Runtime, id: string): Promise<void> {
    const client = runtime.clients.get(id);
    const { state } = runtime;
    if (!client?.connection || id in state.answers || state.phase !== "collecting") return;
    const bytes = encodePayload(runtime.server.instruct(stateOf(runtime), clientInfo(client)));
    const hash = await blobs.put(bytes);
    client.status = "working";
    client.connection.send("instruct", {
      round: state.round,
      hash,
      bytes: bytes.length,
      deadlineMs: runtime.record.config.deadlineMs,
    });
    changed(runtime);
  }

  return { dispatch, perform, instruct };
}

const stateOf = (runtime: Runtime): Payload => {
  if (!runtime.strategyState) throw new TandemError("corrupt", "The strategy's state is missing.");
  return runtime.strategyState;
};

const metricsOf = (runtime: Runtime, round: number): Metrics =>
  Object.assign(
    {},
    ...runtime.metrics.flatMap((m) =>
      m.client === undefined && m.round === round ? [m.metrics] : [],
    ),
  );

/** Mean and deviation of the clients' accuracy, over all and over each modality. */
function clientSummary(runtime: Runtime): Metrics {
  const { round } = runtime.state;
  const own = runtime.metrics.filter(
    (m): m is MetricRecord & { client: string & MetricRecord["client"] } =>
      m.round === round && m.client !== undefined,
  );
  const summary: Record<string, number> = { ...metricsOf(runtime, round) };
  const groups = new Map<string, number[]>();
  for (const { client, metrics } of own) {
    const modality = runtime.clients.get(client)?.record.modality;
    if (metrics.accuracy === undefined || !modality) continue;
    for (const group of ["", `/${modality}`])
      groups.set(group, [...(groups.get(group) ?? []), metrics.accuracy]);
  }
  for (const [group, values] of groups) {
    const { mean, std } = summarise(values);
    summary[group === "" ? "accuracy/mean" : `accuracy${group}`] = mean;
    summary[`accuracy${group}/std`] = std;
  }
  return summary;
}

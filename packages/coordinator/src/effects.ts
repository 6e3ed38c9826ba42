import { messageOf, TandemError, unreachable } from "@tandem/core/errors";
import type { Phase } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { Metrics, ServerEnv, ServerStep } from "@tandem/core/strategy";
import { decodePayload, encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { absentTeacher } from "./absent-teacher";
import { type Commits, createCommits } from "./commits";
import type { CoordinatorOptions } from "./coordinator";
import type { Effect, Instruction, RoundEvent } from "./round/round-state";
import { clientInfo, lastAnswered, type Runtime } from "./runtime";
import { clientSummary, metricsOf } from "./summary";
import { accumulateUploads, reviseClosed } from "./uploads";

const attempts = 3;

type Work = (
  env: ServerEnv,
) => Promise<{ readonly event: RoundEvent; readonly metrics?: Metrics } | undefined>;

export type Effects = Commits & {
  /** The strategy's state that uploads are checked against. */
  stateOf(runtime: Runtime): Promise<Payload>;
};

export function createEffects(
  options: CoordinatorOptions & { readonly changed: (runtime: Runtime) => void },
): Effects {
  const { blobs, clock, log, changed } = options;
  const commits = createCommits({ ...options, perform });
  const { dispatch, insist } = commits;

  function perform(runtime: Runtime, effects: readonly Effect[]): void {
    for (const effect of effects) act(runtime, effect);
  }

  function act(runtime: Runtime, effect: Effect): void {
    const { server } = runtime;
    const save = async (type: "prepared" | "aggregated" | "taught", step: ServerStep) => {
      const hash = await blobs.put(encodePayload(step.state));
      return { event: { type, state: hash }, metrics: step.metrics };
    };
    switch (effect.type) {
      case "prepare":
        start(runtime, "generating", async (env) => {
          const { strategyState } = runtime.state;
          const base = strategyState
            ? await decoded(runtime, strategyState)
            : await server.init(env);
          return save("prepared", await server.prepare(base, env));
        });
        break;
      case "publish":
        start(runtime, "publishing", async () => ({
          event: { type: "published", instructions: await instructions(runtime) },
        }));
        break;
      case "instruct":
        instruct(runtime, effect.client);
        break;
      case "set-deadline":
        setDeadline(runtime, effect.deadline);
        break;
      case "aggregate":
        runtime.cancelDeadline();
        start(runtime, "aggregating", async (env) => {
          const sum = await accumulateUploads(runtime, runtime.state, blobs);
          const concluded = await server.conclude(await stateOf(runtime), sum, env);
          return save("aggregated", await reviseClosed(runtime, concluded, blobs));
        });
        break;
      case "teach":
        start(runtime, "teaching", async (env) =>
          save("taught", await server.teach(await stateOf(runtime), env)),
        );
        break;
      case "evaluate":
        start(runtime, "evaluating", async () => ({
          event: { type: "evaluated" },
          metrics: clientSummary(runtime, options.isMeasured),
        }));
        break;
      case "finish":
        for (const { connection } of runtime.clients.values())
          connection?.send("finish", { reason: "All rounds are done." });
        break;
      default:
        unreachable(effect);
    }
  }

  /** Begins a phase's work unless it is under way already. */
  function start(runtime: Runtime, phase: Phase, work: Work): void {
    if (runtime.state.phase !== phase || runtime.state.status !== "running") return;
    const key = `${runtime.state.round}/${phase}`;
    if (runtime.work?.key === key) return;
    runtime.work?.abort.abort();
    const abort = new AbortController();
    runtime.work = { key, abort };
    runtime.progress = { fraction: 0, note: "" };
    void attempt(runtime, phase, work, abort.signal).finally(() => {
      if (runtime.work?.abort === abort) runtime.work = undefined;
    });
  }

  /** Several attempts with growing pauses, then the experiment fails with the reason. */
  async function attempt(runtime: Runtime, phase: Phase, work: Work, signal: AbortSignal) {
    const { round } = runtime.state;
    for (let count = 1; !signal.aborted; count++) {
      try {
        const done = await work(await environment(runtime, phase, signal));
        if (!done || signal.aborted) return;
        const metrics = { ...metricsOf(runtime.metrics, round), ...done.metrics };
        // Its own success must not be mistaken for having been overtaken.
        if (runtime.work?.abort.signal === signal) runtime.work = undefined;
        await dispatch(runtime, done.event, { metrics: [{ round, metrics }], signal });
        return;
      } catch (error) {
        if (signal.aborted || runtime.closed) return;
        const message = messageOf(error);
        log("step failed", { experiment: runtime.record.id, round, phase, count, message });
        if (count === attempts) {
          const reason = `${phase} of round ${round} failed: ${message} Resume to try again.`;
          return insist(runtime, { type: "broken", message: reason });
        }
        await new Promise<void>((resolve) => {
          const cancel = clock.after(1000 * 2 ** count, resolve);
          signal.addEventListener("abort", () => {
            cancel();
            resolve();
          });
        });
      }
    }
  }

  async function environment(
    runtime: Runtime,
    phase: Phase,
    signal: AbortSignal,
  ): Promise<ServerEnv> {
    const { round } = runtime.state;
    const { config } = runtime.record;
    return {
      round,
      classes: (await runtime.data()).classes,
      teacher: runtime.needsTeacher ? await options.teacher(config) : absentTeacher,
      rng: createRng(`${config.seed}/${round}/${phase}`),
      signal,
      progress(fraction, note) {
        if (signal.aborted) return;
        runtime.progress = { fraction, note };
        changed(runtime);
      },
    };
  }

  /** What each of the cohort is asked, put as blobs. */
  async function instructions(runtime: Runtime): Promise<Readonly<Record<string, Instruction>>> {
    const state = await stateOf(runtime);
    const all: Record<string, Instruction> = {};
    for (const id of runtime.state.cohort) {
      const client = runtime.clients.get(id);
      if (!client) throw new Error(`client ${id} of the cohort has no record`);
      const bytes = packPayload(
        runtime.server.instruct(state, clientInfo(client), lastAnswered(runtime, id)),
      );
      all[id] = { hash: await blobs.put(bytes), bytes: bytes.length };
    }
    return all;
  }

  function instruct(runtime: Runtime, only?: string): void {
    const { state, clients } = runtime;
    if (state.phase !== "collecting") return;
    for (const id of only === undefined ? state.cohort : [only]) {
      const client = clients.get(id);
      const instruction = state.instructions[id];
      if (!client?.connection || !client.loaded || !instruction || id in state.answers) continue;
      client.connection.send("instruct", {
        round: state.round,
        hash: blobHash(instruction.hash),
        bytes: instruction.bytes,
        deadlineMs: Math.max(0, Math.round(runtime.deadlineAt - clock.now())),
      });
    }
  }

  function setDeadline(runtime: Runtime, deadline: number): void {
    runtime.cancelDeadline();
    if (runtime.state.deadline !== deadline) return;
    const { deadlineMs } = runtime.record.config;
    runtime.deadlineAt = clock.now() + deadlineMs;
    runtime.cancelDeadline = clock.after(deadlineMs, () =>
      insist(runtime, { type: "deadline", deadline }),
    );
  }

  async function stateOf(runtime: Runtime): Promise<Payload> {
    const { strategyState } = runtime.state;
    if (!strategyState) throw new TandemError("corrupt", "The strategy's state is missing.");
    return decoded(runtime, strategyState);
  }

  async function decoded(runtime: Runtime, hash: string): Promise<Payload> {
    if (runtime.decoded?.hash === hash) return runtime.decoded.payload;
    const payload = decodePayload(await blobs.get(blobHash(hash)));
    runtime.decoded = { hash, payload };
    return payload;
  }

  return { ...commits, stateOf };
}

import { TandemError, unreachable } from "@tandem/core/errors";
import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerStep } from "@tandem/core/strategy";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { accumulateUploads, reviseClosed } from "./aggregate";
import { type Commits, createCommits } from "./commits";
import { putInstructions, sendInstructions } from "./instructions";
import type { CoordinatorOptions } from "./ports";
import type { Effect } from "./round/round-state";
import type { Runtime } from "./runtime";
import { createServerWork } from "./server-work";
import { clientSummary } from "./summary";

export type Effects = Commits & {
  /** The strategy's state that uploads are checked against. */
  stateOf(runtime: Runtime): Promise<Payload>;
};

export function createEffects(
  options: CoordinatorOptions & { readonly changed: (runtime: Runtime) => void },
): Effects {
  const { blobs, clock } = options;
  const commits = createCommits({ ...options, perform });
  const start = createServerWork({ ...options, commits });

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
          event: {
            type: "published",
            instructions: await putInstructions(runtime, await stateOf(runtime), blobs),
          },
        }));
        break;
      case "instruct":
        sendInstructions(runtime, clock.now(), effect.client);
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

  function setDeadline(runtime: Runtime, deadline: number): void {
    runtime.cancelDeadline();
    if (runtime.state.deadline !== deadline) return;
    const { deadlineMs } = runtime.record.config;
    runtime.deadlineAt = clock.now() + deadlineMs;
    runtime.cancelDeadline = clock.after(deadlineMs, () =>
      commits.insist(runtime, { type: "deadline", deadline }),
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

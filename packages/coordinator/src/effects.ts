import { unreachable } from "@tandem/core/errors";
import type { BlobKeeper } from "./blob-keeper";
import { type Changed, type Commits, createCommits } from "./commits";
import { putInstructions, sendInstructions } from "./instructions";
import { connectionOf } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import type { Effect } from "./round/round-state";
import type { Runtime } from "./runtime";
import { createServerWork } from "./server-work";
import { endOfStep, type StepPhase, serverSteps, stateHashOf } from "./steps";
import { clientSummary } from "./summary";

/** Commits events, and does what the round asks for in return. */
export function createEffects(
  options: CoordinatorOptions & {
    readonly changed: Changed;
    readonly keeper: Pick<BlobKeeper, "of">;
  },
): Commits {
  const { blobs, clock, keeper } = options;
  const commits = createCommits({ ...options, perform });
  const start = createServerWork({ ...options, commits });

  function perform(runtime: Runtime, effects: readonly Effect[]): void {
    for (const effect of effects) act(runtime, effect);
  }

  function act(runtime: Runtime, effect: Effect): void {
    switch (effect.type) {
      case "prepare":
        step(runtime, "generating");
        break;
      case "publish":
        start(runtime, "publishing", async () => {
          const state = await runtime.load(stateHashOf(runtime.state));
          const instructions = await putInstructions(runtime, state, keeper.of(runtime.record.id));
          return { event: { type: "published", instructions } };
        });
        break;
      case "instruct":
        sendInstructions(runtime, clock.now(), effect.client);
        break;
      case "set-deadline":
        setDeadline(runtime, effect.deadline);
        break;
      case "aggregate":
        runtime.cancelDeadline();
        step(runtime, "aggregating");
        break;
      case "teach":
        step(runtime, "teaching");
        break;
      case "evaluate":
        start(runtime, "evaluating", async () => ({
          event: { type: "evaluated" },
          metrics: clientSummary(runtime, options.isMeasured),
        }));
        break;
      case "finish":
        for (const client of runtime.clients.values())
          connectionOf(client)?.send("finish", { reason: "All rounds are done." });
        break;
      default:
        unreachable(effect);
    }
  }

  /** Has the strategy's state move on; the event that ends the phase names what comes of it. */
  function step(runtime: Runtime, phase: StepPhase): void {
    const { seed } = runtime.record.config;
    start(runtime, phase, async (env) => {
      const steps = serverSteps({ ...runtime, seed, blobs });
      const { state, metrics } = await steps[phase](runtime, env);
      env.signal.throwIfAborted(); // what is not wanted any more is not kept
      const hash = await keeper.of(runtime.record.id).put(state);
      return { event: { type: endOfStep[phase], state: hash }, metrics };
    });
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

  return commits;
}

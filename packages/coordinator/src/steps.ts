import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, Phase } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { ServerEnv, ServerHalf, ServerStep } from "@tandem/core/strategy";
import { accumulateUploads, lateSums, type Rounds } from "./aggregate";
import type { Concluder, StoredStep } from "./concluding";
import type { RoundEvent, RoundState } from "./round/round-state";

/** The phases in which the strategy's state moves on, and the event that each ends with. */
export const endOfStep = {
  generating: "prepared",
  aggregating: "aggregated",
  teaching: "taught",
} as const satisfies Partial<Record<Phase, RoundEvent["type"]>>;
export type StepPhase = keyof typeof endOfStep;
export const isStep = (phase: Phase): phase is StepPhase => phase in endOfStep;

export type ServerSteps = Readonly<
  Record<StepPhase, (at: Rounds, env: ServerEnv) => Promise<StoredStep>>
>;

/** What the server does to the strategy's state: the same for who runs a round and who replays it. */
export function serverSteps(options: {
  readonly server: ServerHalf;
  readonly concluder: Concluder;
  readonly seed: ExperimentConfig["seed"];
  readonly load: (hash: string) => Promise<Payload>;
  readonly blobs: BlobStore;
}): ServerSteps {
  const { concluder, seed, load, blobs } = options;
  const server = withAllSteps(options.server);
  const stored = async ({ state, metrics }: ServerStep): Promise<StoredStep> => ({
    state: await concluder.encode(state),
    metrics,
  });
  return {
    async generating({ state: { strategyState } }, env) {
      const base = strategyState === null ? await server.init(env) : await load(strategyState);
      return stored(await server.prepare(base, env));
    },
    async aggregating(at, { round, classes, signal, progress }) {
      const sum = await accumulateUploads(at, at.state, blobs);
      const late = await lateSums(at, blobs);
      const state = await blobs.get(blobHash(stateHashOf(at.state)));
      return concluder.conclude({ seed, round, classes, state, sum, late }, { signal, progress });
    },
    teaching: async ({ state }, env) =>
      stored(await server.teach(await load(stateHashOf(state)), env)),
  };
}

/** The half with every step: one that a strategy does without leaves the state as it is. */
export const withAllSteps = (
  server: ServerHalf,
): ServerHalf & Required<Pick<ServerHalf, "prepare" | "teach">> => ({
  prepare: unchanged,
  teach: unchanged,
  ...server,
});
const unchanged = async (state: Payload): Promise<ServerStep> => ({ state, metrics: {} });

/** Throws `corrupt` where the first step has left nothing. */
export function stateHashOf({ strategyState }: RoundState): string {
  if (strategyState === null)
    throw new TandemError("corrupt", "The strategy's state is missing: start a new experiment.");
  return strategyState;
}

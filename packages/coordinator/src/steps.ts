import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, Phase } from "@tandem/core/experiment";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { BlobStore } from "@tandem/core/stores";
import type { ServerEnv, ServerHalf, ServerStep } from "@tandem/core/strategy";
import { accumulateUploads, type Rounds, reviseClosed } from "./aggregate";
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
  Record<StepPhase, (at: Rounds, env: ServerEnv) => Promise<ServerStep>>
>;

/** What the server does to the strategy's state: the same for who runs a round and who replays it. */
export function serverSteps(options: {
  readonly server: ServerHalf;
  readonly load: (hash: string) => Promise<Payload>;
  readonly blobs: BlobStore;
}): ServerSteps {
  const { load, blobs } = options;
  const server = withAllSteps(options.server);
  return {
    async generating({ state: { strategyState } }, env) {
      const base = strategyState === null ? await server.init(env) : await load(strategyState);
      return server.prepare(base, env);
    },
    async aggregating(at, env) {
      const sum = await accumulateUploads(at, at.state, blobs);
      const concluded = await server.conclude(await load(stateHashOf(at.state)), sum, env);
      return reviseClosed(at, concluded, blobs);
    },
    teaching: async ({ state }, env) => server.teach(await load(stateHashOf(state)), env),
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

/** What a step is given. Its stream of chance has the name of seed, round and phase, which decides the bits. */
export function environmentOf(
  given: Omit<ServerEnv, "rng"> & {
    readonly seed: ExperimentConfig["seed"];
    readonly phase: Phase;
  },
): ServerEnv {
  const { seed, phase, ...rest } = given;
  return { ...rest, rng: createRng(`${seed}/${rest.round}/${phase}`) };
}

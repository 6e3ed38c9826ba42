import type { ExperimentConfig, Phase } from "@tandem/core/experiment";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";

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

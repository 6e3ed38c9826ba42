import type { Metrics } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f64 } from "@tandem/core/tensor";
import { argMax, mean, type Rows } from "./rows";
import type { Prediction } from "./weighted-answers";

/** ρ_k of a client among `reputation/<id>` (1,), ½ for one that is new. */
export const reputationOf = (beliefs: Arrays, id: string): number =>
  `reputation/${id}` in beliefs ? arrayOf(beliefs, `reputation/${id}`, "f64").data[0] : 0.5;

/**
 * ρ_k ← 0.8 ρ_k + 0.2 (1 + hits) / (2 + n) of each client that has answered: of the n items that it
 * claims to know, in its modalities together, the hits are those that it takes for what the
 * consensus (N, C) does (docs/algorithm.md A6).
 */
export function updatedReputation(
  beliefs: Arrays,
  answers: readonly (Pick<Prediction, "probabilities" | "mask"> & { readonly id: string })[],
  consensus: Rows,
): { readonly arrays: Arrays; readonly metrics: Metrics } {
  const seen = consensus.map(argMax);
  const ids = [...new Set(answers.map(({ id }) => id))];
  const reputations = ids.map((id) => {
    const claims = answers
      .filter((answer) => answer.id === id)
      .flatMap(({ probabilities, mask }) =>
        seen.flatMap((label, i) => (mask[i] ? [argMax(probabilities[i]) === label] : [])),
      );
    const hits = claims.filter((isHit) => isHit).length;
    return 0.8 * reputationOf(beliefs, id) + (0.2 * (1 + hits)) / (2 + claims.length);
  });
  const named = (prefix: string) => ids.map((id, k) => [`${prefix}${id}`, reputations[k]] as const);
  return {
    arrays: Object.fromEntries(named("reputation/").map(([name, rho]) => [name, f64([1], [rho])])),
    metrics: {
      ...Object.fromEntries(named("reputation/client/")),
      "reputation/mean": mean(reputations),
      "reputation/least": Math.min(...reputations),
    },
  };
}

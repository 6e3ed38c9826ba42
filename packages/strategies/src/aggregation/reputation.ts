import type { Payload } from "@tandem/core/payload";
import type { Metrics } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f64 } from "@tandem/core/tensor";
import { argMax, type Contribution, type Rows } from "./weighted-answers";

/** r_k of a client in a strategy's state, ½ for one that is new. */
export const reputationOf = ({ arrays }: Payload, id: string): number =>
  `reputation/${id}` in arrays ? arrayOf(arrays, `reputation/${id}`, "f64").data[0] : 0.5;

/**
 * r_k ← 0.8 r_k + 0.2 (1 + hits) / (2 + n) of each client that has answered: of the n items that it
 * claims to know, in its modalities together, the hits are those that it takes for what the
 * consensus (N, C) does.
 */
export function updatedReputation(
  state: Payload,
  voices: readonly {
    readonly id: string;
    readonly contribution: Pick<Contribution, "probabilities" | "mask">;
  }[],
  consensus: Rows,
): { readonly arrays: Arrays; readonly metrics: Metrics } {
  const seen = consensus.map(argMax);
  const ids = [...new Set(voices.map(({ id }) => id))];
  const reputations = ids.map((id) => {
    const answers = voices
      .filter((voice) => voice.id === id)
      .flatMap(({ contribution: { probabilities, mask } }) =>
        seen.flatMap((label, i) => (mask[i] ? [argMax(probabilities[i]) === label] : [])),
      );
    const hits = answers.filter((isHit) => isHit).length;
    return 0.8 * reputationOf(state, id) + (0.2 * (1 + hits)) / (2 + answers.length);
  });
  const named = (prefix: string) => ids.map((id, k) => [`${prefix}${id}`, reputations[k]] as const);
  return {
    arrays: Object.fromEntries(named("reputation/").map(([name, r]) => [name, f64([1], [r])])),
    metrics: {
      ...Object.fromEntries(named("reputation/client/")),
      "reputation/mean": reputations.reduce((a, b) => a + b, 0) / reputations.length,
      "reputation/least": Math.min(...reputations),
    },
  };
}

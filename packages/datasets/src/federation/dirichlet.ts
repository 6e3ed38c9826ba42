import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";

/**
 * Splits samples among clients with label skew Dir(alpha), by the rule of PFLlib's `separate_data`:
 * clients that hold their share N/K already get no more of the next class; repeated until every
 * client has `minimum` samples. Throws `bad-config` when that cannot be had in 1,000 tries.
 */
export function dirichletPartition(options: {
  readonly labels: Int32Array;
  readonly clients: number;
  readonly alpha: number;
  readonly minimum: number;
  readonly rng: Rng;
}): readonly Int32Array[] {
  const { labels, clients, alpha, minimum, rng } = options;
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const isPossible = clients * minimum <= labels.length;
  for (let attempt = 0; isPossible && attempt < 1000; attempt++) {
    const parts: number[][] = Array.from({ length: clients }, () => []);
    for (const label of classes) {
      const rows = Array.from(labels.keys()).filter((row) => labels[row] === label);
      const shuffled = Array.from(rng.permutation(rows.length), (i) => rows[i]);
      const weights = parts.map((part) => {
        const weight = rng.gamma(alpha);
        return part.length < labels.length / clients ? weight : 0;
      });
      const total = weights.reduce((a, b) => a + b, 0);
      let sum = 0;
      const ends = weights.map((weight) => {
        sum += weight;
        return Math.round((sum / total) * rows.length);
      });
      parts.forEach((part, client) => {
        part.push(...shuffled.slice(client === 0 ? 0 : ends[client - 1], ends[client]));
      });
    }
    // All weights of a class underflow to 0 now and then when alpha is very small: draw again.
    const placed = parts.reduce((sum, part) => sum + part.length, 0);
    if (placed === labels.length && parts.every((part) => part.length >= minimum))
      return parts.map((part) => Int32Array.from(part.sort((a, b) => a - b)));
  }
  throw new TandemError(
    "bad-config",
    `${labels.length} samples cannot be split among ${clients} clients with at least ${minimum} each at alpha ${alpha}: use fewer places.`,
  );
}

import type { Rows } from "../aggregation/weighted-answers";

const iterations = 20;

/**
 * What a picture shows, by the clients and by its prompt: p(c) ∝ p̄_c · (t_y if c is the prompt's class
 * y, else (1 - t_y) / (C - 1)). t_y, how often pictures of class y obey their prompt, is found with it by
 * expectation-maximisation, as one more annotator's reliability (Dawid and Skene 1979), from ½ and with
 * one picture more of either kind. Rows (N, C) in and out.
 */
export function withPrompts(
  pooled: Rows,
  labels: readonly number[],
): { readonly rows: readonly Float64Array[]; readonly trust: Float64Array } {
  const classes = pooled[0].length;
  const trust = new Float64Array(classes).fill(0.5);
  let rows: Float64Array[] = [];
  for (let step = 0; step < iterations; step++) {
    rows = pooled.map((row, i) => {
      const t = trust[labels[i]];
      const joint = Float64Array.from(
        row,
        (p, c) => p * (c === labels[i] ? t : (1 - t) / (classes - 1)),
      );
      const total = joint.reduce((a, b) => a + b, 0);
      return total > 0 ? joint.map((p) => p / total) : Float64Array.from(row);
    });
    for (let c = 0; c < classes; c++) {
      const own = rows.filter((_, i) => labels[i] === c);
      trust[c] = (1 + own.reduce((sum, row) => sum + row[c], 0)) / (2 + own.length);
    }
  }
  return { rows, trust };
}

import type { Table } from "./rows";

/**
 * s_i = log Σ_{j∈P(i)} e^{z_i·g_j/τ} - log Σ_j e^{z_i·g_j/τ} of rows z against rows g, (N, d) each. P(i) holds
 * the samples of i's group. CreamFL's con_w with multi-positive sets (arXiv 2302.08888).
 */
export function contrastScores(
  z: Table,
  others: Table,
  groups: ArrayLike<number>,
  temperature: number,
): Float64Array {
  const [count, width] = others.shape;
  const [own, rows] = [Float64Array.from(z.data), Float64Array.from(others.data)];
  const scores = new Float64Array(count);
  return Float64Array.from({ length: z.shape[0] }, (_, i) => {
    scoresOf(own.subarray(i * width, (i + 1) * width), rows, temperature, scores);
    const group = groups[i];
    let [most, mostOfGroup] = [-Infinity, -Infinity];
    for (let j = 0; j < count; j++) {
      if (scores[j] > most) most = scores[j];
      if (groups[j] === group && scores[j] > mostOfGroup) mostOfGroup = scores[j];
    }
    let [all, positives] = [0, 0];
    for (let j = 0; j < count; j++) {
      all += Math.exp(scores[j] - most);
      if (groups[j] === group) positives += Math.exp(scores[j] - mostOfGroup);
    }
    return mostOfGroup + Math.log(positives) - (most + Math.log(all));
  });
}

/** z·g_j/τ for all j. Four products at a time, each summed in its order: adding waits for what was added. */
function scoresOf(
  z: Float64Array,
  rows: Float64Array,
  temperature: number,
  into: Float64Array,
): void {
  const width = z.length;
  let j = 0;
  for (; j + 4 <= into.length; j += 4) {
    const first = j * width;
    const [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = 0; at < width; at++) {
      const value = z[at];
      a += value * rows[first + at];
      b += value * rows[second + at];
      c += value * rows[third + at];
      d += value * rows[fourth + at];
    }
    into[j] = a / temperature;
    into[j + 1] = b / temperature;
    into[j + 2] = c / temperature;
    into[j + 3] = d / temperature;
  }
  for (; j < into.length; j++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += z[at] * rows[j * width + at];
    into[j] = sum / temperature;
  }
}

/** The same, not below chance, log(|P(i)|/N). */
export function flooredScores(
  z: Table,
  others: Table,
  groups: ArrayLike<number>,
  temperature: number,
): Float64Array {
  const count = others.shape[0];
  const sizes = new Map<number, number>();
  for (let j = 0; j < count; j++) sizes.set(groups[j], (sizes.get(groups[j]) ?? 0) + 1);
  return contrastScores(z, others, groups, temperature).map((score, i) =>
    Math.max(score, Math.log((sizes.get(groups[i]) ?? 0) / count)),
  );
}

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
  const pair = [new Float64Array(count), new Float64Array(count)] as const;
  const result = new Float64Array(z.shape[0]);
  for (let i = 0; i < result.length; i += 2) {
    const next = Math.min(i + 1, result.length - 1);
    productsOf(own, [i * width, next * width], { rows, width }, pair);
    result[i] = scoreOf(pair[0], groups, groups[i], temperature);
    result[next] = scoreOf(pair[1], groups, groups[next], temperature);
  }
  return result;
}

/** Of one row by its products with all others, which it divides by τ. */
function scoreOf(
  scores: Float64Array,
  groups: ArrayLike<number>,
  group: number,
  temperature: number,
): number {
  let [most, mostOfGroup] = [-Infinity, -Infinity];
  for (let j = 0; j < scores.length; j++) {
    scores[j] /= temperature;
    if (scores[j] > most) most = scores[j];
    if (groups[j] === group && scores[j] > mostOfGroup) mostOfGroup = scores[j];
  }
  let [all, positives] = [0, 0];
  for (let j = 0; j < scores.length; j++) {
    all += Math.exp(scores[j] - most);
    if (groups[j] === group) positives += Math.exp(scores[j] - mostOfGroup);
  }
  return mostOfGroup + Math.log(positives) - (most + Math.log(all));
}

/**
 * z·g_j for all j and the two rows z that begin at these places of `own`. Two by four products at a time, each
 * summed in its order: what is read counts several times, and no sum waits for another.
 */
function productsOf(
  own: Float64Array,
  [one, two]: readonly [number, number],
  { rows, width }: { readonly rows: Float64Array; readonly width: number },
  [first, second]: readonly [Float64Array, Float64Array],
): void {
  let j = 0;
  for (; j + 4 <= first.length; j += 4) {
    const start = j * width;
    let [a, b, c, d] = [0, 0, 0, 0];
    let [e, f, g, h] = [0, 0, 0, 0];
    for (let at = 0; at < width; at++) {
      const x = own[one + at];
      const y = own[two + at];
      let row = start + at;
      const p = rows[row];
      row += width;
      const q = rows[row];
      row += width;
      const r = rows[row];
      row += width;
      const s = rows[row];
      a += x * p;
      b += x * q;
      c += x * r;
      d += x * s;
      e += y * p;
      f += y * q;
      g += y * r;
      h += y * s;
    }
    first[j] = a;
    first[j + 1] = b;
    first[j + 2] = c;
    first[j + 3] = d;
    second[j] = e;
    second[j + 1] = f;
    second[j + 2] = g;
    second[j + 3] = h;
  }
  for (; j < first.length; j++) {
    let [a, e] = [0, 0];
    for (let at = 0; at < width; at++) {
      a += own[one + at] * rows[j * width + at];
      e += own[two + at] * rows[j * width + at];
    }
    first[j] = a;
    second[j] = e;
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

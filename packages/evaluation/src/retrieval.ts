import type { TensorOf } from "@tandem/core/tensor";

export type Recall = {
  /** Share of queries, 0-1, with a right answer among the first 1, 5 and 10. */
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
  readonly medianRank: number;
};

/**
 * Ranks (N,) from 1 of the first right answer to each query, by inner product of rows (N, d).
 * Every row with the query's key is right, so equal captions count as hits. A wrong answer with
 * the same score goes first: an encoder that maps all to one point must not look perfect.
 */
export function ranksOf(
  queries: TensorOf<"f32">,
  answers: TensorOf<"f32">,
  keys: readonly string[],
): Int32Array {
  const [count, width] = queries.shape;
  if (answers.shape[0] !== count || answers.shape[1] !== width || keys.length !== count)
    throw new Error(
      `[${queries.shape}] queries, [${answers.shape}] answers and ${keys.length} keys do not pair`,
    );
  const scores = new Float64Array(count);
  return Int32Array.from({ length: count }, (_, query) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let answer = 0; answer < count; answer++) {
      let score = 0;
      for (let i = 0; i < width; i++)
        score += queries.data[query * width + i] * answers.data[answer * width + i];
      if (!Number.isFinite(score)) throw new Error(`score of rows ${query}, ${answer} is ${score}`);
      scores[answer] = score;
      if (keys[answer] === keys[query]) best = Math.max(best, score);
    }
    return 1 + scores.filter((score, i) => score >= best && keys[i] !== keys[query]).length;
  });
}

export function recallOf(ranks: Int32Array): Recall {
  const within = (k: number) => ranks.filter((rank) => rank <= k).length / ranks.length;
  const sorted = ranks.slice().sort();
  const middle = (sorted.length - 1) / 2;
  const medianRank = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { r1: within(1), r5: within(5), r10: within(10), medianRank };
}

/** Both ways between paired rows; `rsum` adds the six recalls in percent, 0-600. */
export function retrieval(
  images: TensorOf<"f32">,
  texts: TensorOf<"f32">,
  keys: readonly string[],
): { readonly imageToText: Recall; readonly textToImage: Recall; readonly rsum: number } {
  const imageToText = recallOf(ranksOf(images, texts, keys));
  const textToImage = recallOf(ranksOf(texts, images, keys));
  const rsum = [imageToText, textToImage].reduce(
    (sum, { r1, r5, r10 }) => sum + 100 * (r1 + r5 + r10),
    0,
  );
  return { imageToText, textToImage, rsum };
}

export type Found = { readonly row: number; readonly score: number };

/**
 * The k rows (N, d) nearest to a query (d,), by the cosine of their angle, best first, equals in their order.
 * A row of zeros has the score 0. Throws on a query of zeros and on what is no number.
 */
export function search(
  query: ArrayLike<number>,
  rows: TensorOf<"f32">,
  k: number,
): readonly Found[] {
  const [count, width] = rows.shape;
  if (query.length !== width)
    throw new Error(`a query of ${query.length} numbers among rows of ${width}`);
  const length = Math.hypot(...Array.from(query));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY))
    throw new Error(`a query of length ${length} has no direction`);
  const found = Array.from({ length: count }, (_, row) => {
    let [inner, square] = [0, 0];
    for (let i = 0; i < width; i++) {
      const value = rows.data[row * width + i];
      inner += query[i] * value;
      square += value * value;
    }
    if (!Number.isFinite(square)) throw new Error(`row ${row} holds what is no number`);
    return { row, score: square === 0 ? 0 : inner / (length * Math.sqrt(square)) };
  });
  return found.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, Math.max(0, k));
}

/**
 * Recall at k of an order drawn at random, the mean over the queries: 1 - C(N-m, k) / C(N, k) for
 * one of m equal keys among N; k / N without ties.
 */
export function chanceOf(keys: readonly string[], k = 1): number {
  const count = keys.length;
  const sizes = new Map<string, number>();
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  let sum = 0;
  for (const size of sizes.values()) {
    let miss = 1;
    for (let drawn = 0; drawn < Math.min(k, count); drawn++)
      miss *= Math.max(0, count - size - drawn) / (count - drawn);
    sum += size * (1 - miss);
  }
  return sum / count;
}

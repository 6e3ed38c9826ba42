import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { PublicSet } from "@tandem/core/teacher";
import { argMax, type Rows } from "../aggregation/rows";
import type { PaintedSet } from "../synthetic-set/painted-set";

/** Rows of the public set: those that the federation teaches with, and those of held-out prompts. */
export type PromptRows = {
  readonly seen: readonly number[];
  readonly heldOut: readonly number[];
};

/**
 * Holds out a share of the distinct prompts, spread evenly over the classes, and never a class's last.
 * Which ones depends on the prompts alone, so that all rounds and seeds of a data set agree. [ours]
 * Throws `bad-config` where so small a share of so few prompts is none.
 */
export function splitPrompts({ prompts, labels }: PublicSet, share: number): PromptRows {
  const classes = Math.max(-1, ...labels) + 1;
  const distinct = Array.from({ length: classes }, (_, c) => [
    ...new Set(prompts.filter((_, row) => labels[row] === c)),
  ]);
  const held = new Set<string>();
  let passed = 0;
  for (const own of distinct) {
    const order = new Map(own.map((prompt) => [prompt, createRng(`held-out/${prompt}`).uniform()]));
    const shuffled = [...own].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    let left = own.length;
    for (const prompt of shuffled) {
      const isDue = Math.floor((passed + 1) * share) > Math.floor(passed * share);
      passed++;
      if (!isDue || left === 1) continue;
      held.add(prompt);
      left--;
    }
  }
  if (share > 0 && held.size === 0)
    throw new TandemError(
      "bad-config",
      `fedmmkt: heldOutShare: ${share} of ${passed} prompts is none: raise it, or use 0.`,
    );
  const rows = prompts.map((_, row) => row);
  return {
    seen: rows.filter((row) => !held.has(prompts[row])),
    heldOut: rows.filter((row) => held.has(prompts[row])),
  };
}

/** a_c (C,): share of the set's items of class c that are seen as such; where it has none, as before. */
export function classAccuracies(
  { labels, classes }: Pick<PaintedSet, "labels" | "classes">,
  seen: Rows,
  before?: readonly number[],
): readonly number[] {
  return Array.from({ length: classes }, (_, c) => {
    const own = seen.filter((_, i) => labels[i] === c);
    if (own.length === 0) return before?.[c] ?? 0.5;
    return own.filter((row) => argMax(row) === c).length / own.length;
  });
}

/**
 * π(c) = ½/C + ½ (1 - a_c) / Σ (1 - a) of the classes' consensus accuracies a (C,); uniform where all
 * are right (docs/algorithm.md A2). [ours]
 */
export function promptShares(accuracies: readonly number[]): readonly number[] {
  const lacks = accuracies.map((accuracy) => 1 - accuracy);
  const total = lacks.reduce((a, b) => a + b, 0);
  const even = 1 / accuracies.length;
  return lacks.map((lack) => 0.5 * even + 0.5 * (total > 0 ? lack / total : even));
}

/** Whole numbers of the sum `count`, as near to the shares as can be (largest remainders). */
export function quotas(shares: readonly number[], count: number): readonly number[] {
  const whole = shares.map((share) => Math.floor(share * count));
  const left = count - whole.reduce((a, b) => a + b, 0);
  const byRemainder = shares
    .map((share, c) => ({ c, remainder: share * count - whole[c] }))
    .sort((a, b) => b.remainder - a.remainder || a.c - b.c);
  const lifted = new Set(byRemainder.slice(0, left).map(({ c }) => c));
  return whole.map((quota, c) => quota + Number(lifted.has(c)));
}

import { describeSample, pairedDifferences, type Sample } from "./statistics";

/** What a disturbance (skew, dropout, missing modality, attackers, noise) costs at one severity. */
export type Cost = { readonly severity: number; readonly loss: Sample };

/**
 * Score lost against severity `reference`, paired by seed, in the order of `sweep`; positive is
 * worse. Throws for a reference that is not in the sweep, and for a severity without a common seed.
 */
export function costsOf(
  sweep: ReadonlyMap<number, ReadonlyMap<number, number>>,
  reference: number,
): readonly Cost[] {
  const undisturbed = sweep.get(reference);
  if (!undisturbed)
    throw new Error(`severity ${reference} is none of ${[...sweep.keys()].join(", ")}`);
  return [...sweep]
    .filter(([severity]) => severity !== reference)
    .map(([severity, bySeed]) => {
      const losses = pairedDifferences(undisturbed, bySeed);
      if (losses.length === 0)
        throw new Error(`severity ${severity} has no seed in common with ${reference}`);
      return { severity, loss: describeSample(losses) };
    });
}

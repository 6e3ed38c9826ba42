/**
 * Area under the ROC curve of scores: the chance that one of `positives` is above one of `negatives`, where
 * a tie counts half (Mann-Whitney). Throws without any of either, and for what is no number.
 */
export function areaUnderRoc(positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0)
    throw new Error("no curve without scores of both kinds");
  if ([...positives, ...negatives].some(Number.isNaN)) throw new Error("a score is no number");
  let above = 0;
  for (const own of positives)
    for (const other of negatives) above += own > other ? 1 : own === other ? 0.5 : 0;
  return above / (positives.length * negatives.length);
}

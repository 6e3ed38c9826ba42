/**
 * Which of the points have none beside them that is as cheap and better, or as good and cheaper. Of equal
 * points all are.
 */
export function paretoFront(
  points: readonly { readonly cost: number; readonly value: number }[],
): readonly boolean[] {
  return points.map((own) =>
    points.every(
      ({ cost, value }) =>
        cost > own.cost || value < own.value || (cost === own.cost && value === own.value),
    ),
  );
}

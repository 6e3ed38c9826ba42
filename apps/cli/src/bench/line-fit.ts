/** Of the line with the least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const products = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  return products / points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
}

/** The power of x that y grows with: the slope of their logarithms; undefined where all x are one. */
export function exponentOf(
  points: readonly (readonly [x: number, y: number])[],
): number | undefined {
  if (points.every(([x]) => x === points[0][0])) return undefined;
  return slopeOf(points.map(([x, y]) => [Math.log(x), Math.log(y)]));
}

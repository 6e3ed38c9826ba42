type Zoom = readonly [from: number, to: number];

/** Half as many rounds around one, or twice as many; undefined: all. */
export function steppedZoom({
  zoom,
  planned,
  around,
  isIn,
}: {
  readonly zoom: Zoom | undefined;
  readonly planned: number;
  readonly around: number | undefined;
  readonly isIn: boolean;
}): Zoom | undefined {
  const [from, to] = zoom ?? [1, planned];
  const width = Math.max(1, Math.round((to - from) * (isIn ? 0.5 : 2)));
  if (width >= planned - 1) return undefined;
  const middle = around ?? (from + to) / 2;
  const start = Math.min(planned - width, Math.max(1, Math.round(middle - width / 2)));
  return [start, start + width];
}

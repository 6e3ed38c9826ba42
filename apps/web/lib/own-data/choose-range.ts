/** What was chosen at one go: all from the one id to the other, in the order that is shown. */
export type Range = { readonly from: string; readonly to: string };

/** Ids of a range; of ends that are not shown, the others are none. */
function between(ids: readonly string[], { from, to }: Range): readonly string[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)].sort((x, y) => x - y);
  return a < 0 ? [] : ids.slice(a, b + 1);
}

/** What is chosen after the range's end has moved to an id: the range shrinks as well as grows. */
export function extended(
  chosen: ReadonlySet<string>,
  ids: readonly string[],
  { from, to }: Range,
  end: string,
): { readonly chosen: ReadonlySet<string>; readonly range: Range } {
  const range = { from: ids.includes(from) ? from : end, to: end };
  const next = new Set(chosen);
  for (const id of between(ids, { from, to })) next.delete(id);
  for (const id of between(ids, range)) next.add(id);
  return { chosen: next, range };
}

/** Where an arrow key leads from one of so many in rows of so many; undefined for other keys and at the edge. */
export function arrowTo(
  key: string,
  { at, count, columns }: { readonly at: number; readonly count: number; readonly columns: number },
): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const to = at + (steps[key] ?? Number.NaN);
  return to >= 0 && to < count ? to : undefined;
}

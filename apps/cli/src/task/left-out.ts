import type { LeftOut } from "@tandem/intake/intake";

type Reason = { readonly path: string; readonly reason: string };

/** Files left out that are named; the others are counted. */
const mostNamed = 20;

export const reasonOf = ({ path, line, sentence }: LeftOut) => ({
  path,
  ...(line !== undefined && { line }),
  reason: sentence,
});

/** For people: what was left out, and why. */
export function linesOf(leftOut: readonly Reason[], count = leftOut.length): readonly string[] {
  if (count === 0) return [];
  const named = leftOut.slice(0, mostNamed);
  return [
    `left out: ${count}`,
    ...named.map(({ path, reason }) => `  ${path}: ${reason}`),
    ...(count > named.length ? [`  and ${count - named.length} more`] : []),
  ];
}

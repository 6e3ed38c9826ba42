/**
 * The number that a text writes in decimal, such as -2, .5 or 1e-3. Undefined for what `Number` takes
 * besides (nothing, spaces, 0x10, Infinity), and for what is too large to be finite.
 */
export function decimal(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

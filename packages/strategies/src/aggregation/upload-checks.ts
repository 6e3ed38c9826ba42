import { TandemError } from "@tandem/core/errors";
import type { ClientInfo } from "@tandem/core/strategy";
import type { Rows } from "./rows";

export function refuse(what: string): never {
  throw new TandemError("bad-upload", what);
}

// All are written so that NaN is refused too.

/** Whether every value is from -limit to limit: a loop, for there are 10^5 of a client. */
export function areWithin(values: ArrayLike<number>, limit: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= limit)) return false;
  return true;
}

/** Throws unless every value is from -limit to limit. */
export function expectWithin(name: string, rows: Rows, limit: number): void {
  if (!rows.every((row) => areWithin(row, limit))) refuse(`"${name}" must be within ±${limit}`);
}

/** Throws unless each row is a distribution, to the precision of half floats. */
export function expectProbabilities(name: string, rows: Rows): void {
  for (const row of rows) {
    const values = Array.from(row);
    const sum = values.reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) <= 1e-2 && values.every((value) => value >= 0)))
      refuse(`a row of ${name} sums to ${sum.toFixed(3)}, or holds a negative one`);
  }
}

/** Throws unless each row has length 1, to the precision of bytes with one scale a row. */
export function expectUnitRows(name: string, rows: Rows): void {
  for (const row of rows) {
    const norm = Math.hypot(...Array.from(row));
    if (!(Math.abs(norm - 1) <= 0.05)) refuse(`a row of ${name} has norm ${norm.toFixed(3)}`);
  }
}

/** A whole number from 1 to 10^5: the claim is the client's own, and weights are made from it. */
export const claimedSamples = ({ samples }: ClientInfo): number =>
  Math.max(1, Math.min(1e5, Math.round(samples)));

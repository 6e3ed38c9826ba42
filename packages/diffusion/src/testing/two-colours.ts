import type { Arrays } from "@tandem/core/tensor";
import type { DiffusionModel } from "../diffusion-model";
import { type SmallBaseOptions, smallBase } from "../training/small-base";

/** A fresh base of two levels that paints 8 x 8 pixels and knows two words. */
export const twoColours = (change: Partial<SmallBaseOptions> = {}): DiffusionModel =>
  smallBase({
    vocabulary: { words: ["red", "blue"], buckets: 2 },
    side: 8,
    widths: [8, 16],
    textWidth: 16,
    textLayers: 1,
    textLength: 6,
    seed: 1,
    ...change,
  });

/**
 * Draws the weights that are zeros, in place: fresh residual branches end in them, and then no prompt
 * changes anything, and no gradient reaches an adapter.
 */
export function fillZeros(weights: Arrays, draw: () => number): void {
  for (const [name, { data }] of Object.entries(weights))
    if (name.endsWith(".weight") && data.every((x) => x === 0))
      data.set(Float32Array.from(data, draw));
}

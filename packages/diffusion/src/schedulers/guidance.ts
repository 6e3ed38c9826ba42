import { TandemError } from "@tandem/core/errors";
import { mix } from "./scheduler";

const maxGuidance = 1000;

/**
 * The scale that guidance acts with, as in diffusers: it steers above 1 alone; up to 1 the
 * conditional answer stays as it is, which is the scale 1. Throws `bad-config` below 0, and above
 * 1000, where 32-bit floats soon end.
 */
export function guidanceScale(guidance: number): number {
  if (guidance >= 0 && guidance <= maxGuidance) return Math.max(1, guidance);
  throw new TandemError(
    "bad-config",
    `guidance = ${guidance}: use a number from 0 to ${maxGuidance}; up to 1 the prompt alone paints`,
  );
}

/** Classifier-free guidance (arXiv 2207.12598): u + s (c - u). */
export const guide = (
  unconditional: Float32Array,
  conditional: Float32Array,
  scale: number,
): Float32Array => mix(1 - scale, unconditional, scale, conditional);

/**
 * Guidance rescale (arXiv 2305.08891, equations 15 and 16): each sample of `guided` (B, …) gets the
 * deviation of its conditional answer back, to the share `phi`.
 */
export function rescaleGuidance(
  guided: Float32Array,
  conditional: Float32Array,
  { batch, phi }: { readonly batch: number; readonly phi: number },
): Float32Array {
  const stride = guided.length / batch;
  if (guided.length !== conditional.length || !Number.isInteger(stride))
    throw new Error(`${guided.length} and ${conditional.length} values for a batch of ${batch}`);
  const rescaled = new Float32Array(guided.length);
  for (let from = 0; from < guided.length; from += stride) {
    const own = guided.subarray(from, from + stride);
    const spread = deviation(own);
    const ratio = spread > 0 ? deviation(conditional.subarray(from, from + stride)) / spread : 1;
    const factor = phi * ratio + 1 - phi;
    own.forEach((value, i) => {
      rescaled[from + i] = value * factor;
    });
  }
  return rescaled;
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

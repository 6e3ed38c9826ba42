/** Floats of one byte, as their dtypes in a safetensors file are called. */
export type Float8DType = "F8_E4M3" | "F8_E5M2" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" | "F8_E8M0";

type Layout = {
  readonly mantissaBits: number;
  readonly bias: number;
  /** Whether the bits, sign taken off, are no finite number. */
  readonly special: (magnitude: number) => "nan" | "infinity" | undefined;
};

const never = () => undefined;
/** Source: https://arxiv.org/abs/2209.05433 */
const ocp: Readonly<Record<"F8_E4M3" | "F8_E5M2", Layout>> = {
  F8_E4M3: { mantissaBits: 3, bias: 7, special: (bits) => (bits === 0x7f ? "nan" : undefined) },
  F8_E5M2: {
    mantissaBits: 2,
    bias: 15,
    special: (bits) => (bits < 0x7c ? undefined : bits === 0x7c ? "infinity" : "nan"),
  },
};
/** No infinity, and the bits of −0 are the only NaN. Source: https://arxiv.org/abs/2206.02915 */
const fnuz: Readonly<Record<"F8_E4M3FNUZ" | "F8_E5M2FNUZ", Layout>> = {
  F8_E4M3FNUZ: { mantissaBits: 3, bias: 8, special: never },
  F8_E5M2FNUZ: { mantissaBits: 2, bias: 16, special: never },
};
const layouts: Readonly<Record<string, Layout>> = { ...ocp, ...fnuz };

export function fromFloat8(bits: number, dtype: Float8DType): number {
  // A power of two: https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf
  if (dtype === "F8_E8M0") return bits === 0xff ? Number.NaN : 2 ** (bits - 127);
  if (dtype in fnuz && bits === 0x80) return Number.NaN;
  const { mantissaBits, bias, special } = layouts[dtype];
  const sign = bits & 0x80 ? -1 : 1;
  const magnitude = bits & 0x7f;
  const found = special(magnitude);
  if (found) return found === "nan" ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const exponent = magnitude >> mantissaBits;
  const fraction = (magnitude & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  return exponent === 0
    ? sign * fraction * 2 ** (1 - bias)
    : sign * (1 + fraction) * 2 ** (exponent - bias);
}

export function fromFloat8s(bits: Uint8Array, dtype: Float8DType): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => fromFloat8(byte, dtype));
  return Float32Array.from(bits, (byte) => table[byte]);
}

const f = new Float32Array(1);
const u = new Uint32Array(f.buffer);

/** Nearest half-precision bits of a number, ties to even (IEEE 754 binary16). */
export function toHalf(value: number): number {
  f[0] = value;
  const sign = (u[0] >>> 16) & 0x8000;
  const exponent = (u[0] >>> 23) & 0xff;
  const mantissa = u[0] & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 | (mantissa >>> 13) : 0);
  const e = exponent - 112;
  if (e >= 31) return sign | 0x7c00;
  if (e < -10) return sign;
  // Below the normal range the implicit one becomes explicit and moves right.
  const shift = e > 0 ? 13 : 14 - e;
  const full = e > 0 ? (e << 23) | mantissa : mantissa | 0x800000;
  const floor = full >>> shift;
  const rest = full & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (floor + (rest > half || (rest === half && floor & 1) ? 1 : 0));
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** By table, because a checkpoint has some 10^9 of these. */
export function fromHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => fromHalf(half));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = halves[bits[i]];
  return values;
}

export function toHalves(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = toHalf(values[i]);
  return bits;
}

/** Nearest bfloat16 bits, the upper half of an f32, ties to even. */
export function toBfloat(value: number): number {
  f[0] = value;
  if (Number.isNaN(value)) return (u[0] >>> 16) | 0x40; // rounding might make it infinite
  return (u[0] + 0x7fff + ((u[0] >>> 16) & 1)) >>> 16;
}

export function toBfloats(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = toBfloat(values[i]);
  return bits;
}

export function fromBfloats(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return new Float32Array(words.buffer);
}

/** A seeded stream of random numbers. Two streams with the same seed give the same numbers. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Marsaglia-Tsang gamma with unit scale. */
  gamma(shape: number): number;
  /** Fisher-Yates permutation of 0 … length - 1. */
  permutation(length: number): Int32Array;
  /** An independent stream named by `key`; forking does not advance this one. */
  fork(key: string | number): Rng;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by a hash of the text. */
export function createRng(seed: string | number): Rng {
  const name = String(seed);
  let [a, b, c] = [hash(name, 1), hash(name, 2), hash(name, 3)];
  let counter = 1;
  const next = () => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();

  const uniform = () => next() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const integer = (bound: number) => Math.floor(uniform() * bound);
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < x * x * 0.5 + d * (1 - v + Math.log(v))) return d * v;
    }
  };
  const permutation = (length: number) => {
    const order = Int32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  };
  const fork = (key: string | number) => createRng(`${name}/${key}`);
  return { uniform, normal, integer, gamma, permutation, fork };
}

/** FNV-1a over UTF-16 code units, finished with murmur3's mixer. */
function hash(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

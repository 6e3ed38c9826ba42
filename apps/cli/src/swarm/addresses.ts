/** One of 131,072 for benchmarks (RFC 2544): a server limits what comes from one address. */
export const addressOf = (i: number): string =>
  `198.${18 + ((i >> 16) & 1)}.${(i >> 8) & 255}.${i & 255}`;

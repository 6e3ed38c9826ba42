const modulus = 65_521;

/** The checksum of zlib data, RFC 1950. */
export function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 3000); // below 2^32 until then
    for (; at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= modulus;
    b %= modulus;
  }
  return ((b << 16) | a) >>> 0;
}

/** Of two parts behind each other, of which the second has so many bytes. */
export function adlerOfBoth(first: number, second: number, bytesOfSecond: number): number {
  const [a1, b1] = [first & 0xffff, first >>> 16];
  const [a2, b2] = [second & 0xffff, second >>> 16];
  const a = (a1 + a2 - 1 + modulus) % modulus;
  const b = (b1 + b2 + (bytesOfSecond % modulus) * (a1 - 1 + modulus)) % modulus;
  return ((b << 16) | a) >>> 0;
}

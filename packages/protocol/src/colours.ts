/** The red, green and blue bytes from `at` on as one number. */
export const colourAt = (pixels: Uint8Array, at: number): number =>
  (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];

/** The colours of pixels (…, 3), in the order in which they appear; none if there are more than `atMost`. */
export function coloursOf(pixels: Uint8Array, atMost: number): ReadonlySet<number> | undefined {
  const seen = new Set<number>();
  for (let at = 0; at < pixels.length && seen.size <= atMost; at += 3)
    seen.add(colourAt(pixels, at));
  return seen.size <= atMost ? seen : undefined;
}

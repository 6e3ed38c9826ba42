import type { Rng } from "@tandem/core/rng";

/** "word: name, keyword, keyword" without some of its parts, so that each of them steers. */
export function thinned(caption: string, rng: Rng): string {
  const [word, rest = ""] = caption.split(": ");
  const [name, ...keywords] = rest.split(", ");
  const kept = [
    ...(rng.uniform() < 0.85 ? [name] : []),
    ...keywords.filter(() => rng.uniform() < 0.5),
  ];
  return kept.length === 0 ? word : `${word}: ${kept.join(", ")}`;
}

/** (side, side, 3), moved; what comes in from outside has the background's grey level. */
export function shifted(
  image: Uint8Array,
  {
    side,
    by: [dx, dy],
    background,
  }: {
    readonly side: number;
    readonly by: readonly [number, number];
    readonly background: number;
  },
): Uint8Array {
  const out = new Uint8Array(image.length).fill(background);
  for (let y = 0; y < side; y++) {
    const from = y - dy;
    if (from < 0 || from >= side) continue;
    for (let x = 0; x < side; x++) {
      const source = x - dx;
      if (source < 0 || source >= side) continue;
      for (let c = 0; c < 3; c++)
        out[(y * side + x) * 3 + c] = image[(from * side + source) * 3 + c];
    }
  }
  return out;
}

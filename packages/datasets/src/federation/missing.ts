import { type ClientModality, type LabelledSet, modalities } from "@tandem/core/data";
import { withoutMasked } from "@tandem/core/presence";
import type { Rng } from "@tandem/core/rng";

/**
 * What places hold once a share of those of pairs has lost its captions or its pictures, in turn. The
 * order is the rng's alone: a larger share takes from those of a smaller one too, and the same.
 */
export function loseModality(
  places: readonly ClientModality[],
  share: number,
  rng: Rng,
): readonly ClientModality[] {
  const pairs = [...places.keys()].filter((place) => places[place] === "image-text");
  const order = Array.from(rng.permutation(pairs.length), (i) => pairs[i]);
  const kept: ClientModality[] = [...places];
  order.slice(0, Math.round(share * pairs.length)).forEach((place, i) => {
    kept[place] = modalities[i % 2];
  });
  return kept;
}

/** Pairs of which a share has lost its captions or its pictures, in turn; nested in the same way. */
export function loseSamples(set: LabelledSet, share: number, rng: Rng): LabelledSet {
  const order = rng.permutation(set.size);
  const masks = modalities.map(() => new Uint8Array(set.size).fill(1));
  order.slice(0, Math.round(share * set.size)).forEach((row, i) => {
    masks[(i + 1) % 2][row] = 0; // what is kept is `modalities[i % 2]`, as with places
  });
  return withoutMasked(set, { image: masks[0], text: masks[1] });
}

import { servesFor } from "./backbone-match";
import type { BackboneReference } from "./task";

/** Why what `made` makes of pictures is not what a study wants; undefined where it is. */
export function featuresFault(
  made: BackboneReference | undefined,
  wanted: BackboneReference | undefined,
): string | undefined {
  if (!wanted || servesFor(made, wanted)) return undefined;
  if (!made) return "Your pictures were kept without what the study's backbone makes of them";
  const named = ({ sha256, layer = "its last layer", normalisation, size }: BackboneReference) =>
    `${sha256.slice(0, 8)}, ${layer}, ${normalisation}, ${size} pixels`;
  return `Your pictures were read with another backbone (${named(made)}) than the study's (${named(wanted)})`;
}

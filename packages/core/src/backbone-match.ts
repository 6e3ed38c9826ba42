import type { BackboneReference } from "./task";

/** Features of the one are features of the other, wherever their files lie. */
export const isSameBackbone = (a: BackboneReference, b: BackboneReference): boolean =>
  (["sha256", "layer", "normalisation", "size", "features"] as const).every(
    (field) => a[field] === b[field],
  );

/** Why what `made` makes of pictures is not what a study wants; undefined where it is, or none is wanted. */
export function featuresFault(
  made: BackboneReference | undefined,
  wanted: BackboneReference | undefined,
): string | undefined {
  if (!wanted || (made && isSameBackbone(made, wanted))) return undefined;
  if (!made) return "Your pictures were kept without what the study's backbone makes of them";
  const named = ({ sha256, layer = "its last layer", normalisation, size }: BackboneReference) =>
    `${sha256.slice(0, 8)}, ${layer}, ${normalisation}, ${size} pixels`;
  return `Your pictures were read with another backbone (${named(made)}) than the study's (${named(wanted)})`;
}

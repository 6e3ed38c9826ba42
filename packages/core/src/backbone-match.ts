import type { BackboneReference } from "./task";

/** Features of the one are features of the other, wherever their files lie. */
const isSameBackbone = (a: BackboneReference, b: BackboneReference): boolean =>
  (["sha256", "layer", "normalisation", "size", "features"] as const).every(
    (field) => a[field] === b[field],
  );

/** Whether what `made` makes of pictures is what a study wants, which may be none. */
export const servesFor = (
  made: BackboneReference | undefined,
  wanted: BackboneReference | undefined,
): boolean => !wanted || (made !== undefined && isSameBackbone(made, wanted));

/** Why it is not; undefined where it is. */
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

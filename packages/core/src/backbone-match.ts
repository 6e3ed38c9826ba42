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

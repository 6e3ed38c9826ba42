import { featuresFault } from "@tandem/core/backbone-match";
import type { OwnDataTerms } from "@tandem/core/federated-data";
import type { Kept } from "./kept-messages";

/** Why what this browser keeps is not what the study wants any more, with the way out. */
export function misfitOf(
  { side, backbone }: Pick<Kept, "side" | "backbone">,
  wanted: Pick<OwnDataTerms, "pictures" | "backbone">,
): string | undefined {
  if (side === undefined) return undefined; // texts alone
  const { size } = wanted.pictures;
  const fault =
    side === size
      ? featuresFault(backbone, wanted.backbone)
      : `Your pictures were kept with ${side} pixels a side, and the study's have ${size}`;
  return fault && `${fault}. The files themselves are not kept: bring your pictures again.`;
}

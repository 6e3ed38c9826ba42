import { featuresFault } from "@tandem/core/features-fault";
import type { OwnDataTerms } from "@tandem/core/federated-data";
import { fits } from "./fits";
import type { Kept } from "./kept-messages";

/** Why what this browser keeps is not what the study wants any more, with the way out. */
export function misfitOf(
  kept: Pick<Kept, "side" | "backbone">,
  wanted: Pick<OwnDataTerms, "pictures" | "backbone">,
): string | undefined {
  if (fits(kept, wanted)) return undefined;
  const { side, backbone } = kept;
  const { size } = wanted.pictures;
  const fault =
    side === size
      ? featuresFault(backbone, wanted.backbone)
      : `Your pictures were kept with ${side} pixels a side, and the study's have ${size}`;
  return fault && `${fault}. The files themselves are not kept: bring your pictures again.`;
}

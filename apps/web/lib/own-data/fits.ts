import { servesFor } from "@tandem/core/backbone-match";
import type { OwnDataTerms } from "@tandem/core/federated-data";
import type { Kept } from "./kept-messages";

/** Whether what this browser keeps is what the study wants; `misfitOf` says why not. */
export const fits = (
  { side, backbone }: Pick<Kept, "side" | "backbone">,
  wanted: Pick<OwnDataTerms, "pictures" | "backbone">,
): boolean =>
  side === undefined || // texts alone
  (side === wanted.pictures.size && servesFor(backbone, wanted.backbone));

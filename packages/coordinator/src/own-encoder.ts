import { TandemError } from "@tandem/core/errors";
import type { FederatedData } from "@tandem/core/federated-data";
import type { Needs } from "@tandem/core/strategy";
import type { Brought } from "./own-terms";

/** Why participants cannot bring a model of pictures to be trained; undefined: they can. */
export function whyNoOwnEncoder(needs: Needs, { own, slots }: FederatedData): string | undefined {
  if (own?.backbone || own?.encoder)
    return "This study has a model of pictures that all participants use";
  if (needs.equalArchitectures || needs.sendsWeights)
    return "This study averages the weights of equal models";
  const held = own ? own.modalities : slots.map(({ modality }) => modality);
  return held.every((modality) => modality === "text") ? "This study has no pictures" : undefined;
}

/** Throws `not-supported` where a client brings such a model, and study or client have no use for it. */
export function refuseOwnEncoder(
  needs: Needs,
  data: FederatedData,
  { own, slot }: { readonly own?: Brought | undefined; readonly slot?: number | undefined },
): void {
  const modality = own ? own.modality : slot !== undefined && data.slots[slot]?.modality;
  const why =
    whyNoOwnEncoder(needs, data) ??
    (modality === "text" ? "Your model reads pictures, and this place is for texts" : undefined);
  if (why !== undefined)
    throw new TandemError("not-supported", `${why}: remove the model of your own, then join.`);
}

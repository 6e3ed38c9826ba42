import type { ClientModality } from "@tandem/core/data";
import { listed } from "@tandem/core/format";

/** What participants bring, in sentences. */
const brought: Readonly<Record<ClientModality, string>> = {
  image: "pictures",
  text: "captions",
  "image-text": "pictures with captions",
};

/** "pictures, captions or pictures with captions" */
export const broughtText = (modalities: readonly ClientModality[]): string =>
  listed(
    modalities.map((modality) => brought[modality]),
    "or",
  );

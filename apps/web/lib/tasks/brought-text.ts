import type { ClientModality } from "@tandem/core/data";
import { listed } from "@tandem/core/format";

/** What participants bring or hold, in sentences. */
export const broughtWords: Readonly<Record<ClientModality, string>> = {
  image: "pictures",
  text: "captions",
  "image-text": "pictures with captions",
};

/** "pictures, captions or pictures with captions" */
export const broughtText = (modalities: readonly ClientModality[]): string =>
  listed(
    modalities.map((modality) => broughtWords[modality]),
    "or",
  );

import type { ClientModality } from "@tandem/core/data";

/** What a client holds, in a table. */
export const modalityText: Readonly<Record<ClientModality, string>> = {
  image: "Image",
  text: "Text",
  "image-text": "Image and text",
};

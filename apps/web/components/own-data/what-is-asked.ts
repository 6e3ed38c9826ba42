import type { ClientModality } from "@tandem/core/data";
import { plural } from "@tandem/core/format";
import type { JoiningView } from "@tandem/protocol/view";

/** What somebody brings, in a sentence. */
export const broughtText: Readonly<Record<ClientModality, string>> = {
  image: "pictures",
  text: "captions",
  "image-text": "pictures with captions",
};

/** How many samples of a kind. */
export const counted = (count: number, modality: ClientModality): string =>
  ({
    image: plural(count, "picture"),
    text: plural(count, "caption"),
    "image-text": `${plural(count, "picture")} with captions`,
  })[modality];

export function whatIsAsked({ modalities, least }: NonNullable<JoiningView["own"]>): string {
  const kinds = modalities
    .map((modality) => broughtText[modality])
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
  const ofClass = least.class > 1 ? `, and ${least.class} of each class that you have any of` : "";
  return `You bring your own ${kinds}: at least ${Math.max(1, least.participant)}${ofClass}. They are read here and never leave this browser.`;
}

import type { ClientModality } from "@tandem/core/data";
import { plural } from "@tandem/core/format";
import type { JoiningView } from "@tandem/protocol/view";
import { broughtText } from "../../lib/tasks/brought-text";

/** How many samples of a kind. */
export const counted = (count: number, modality: ClientModality): string =>
  ({
    image: plural(count, "picture"),
    text: plural(count, "caption"),
    "image-text": `${plural(count, "picture")} with captions`,
  })[modality];

export function whatIsAsked({ modalities, least }: NonNullable<JoiningView["own"]>): string {
  const ofClass = least.class > 1 ? `, and ${least.class} of each class that you have any of` : "";
  return `You bring your own ${broughtText(modalities)}: at least ${Math.max(1, least.participant)}${ofClass}. They are read here and never leave this browser.`;
}

import type { ClientModality } from "@tandem/core/data";
import { plural } from "@tandem/core/format";

/*
 * What is said of own data on the join page and in its panel. A file of its own: of one that
 * several parts of the page load, the build copies every export into the first.
 */

/** How many samples of a kind. */
export const counted = (count: number, modality: ClientModality): string =>
  ({
    image: plural(count, "picture"),
    text: plural(count, "caption"),
    "image-text": `${plural(count, "picture")} with captions`,
  })[modality];

/** `least`: of each class that is there, where that is more than one. */
export const asked = (what: string, samples: number, least: number): string =>
  `You bring your own ${what}: at least ${samples}${least > 1 ? `, and ${least} of each class that you bring` : ""}. They are read here and never leave this browser.`;

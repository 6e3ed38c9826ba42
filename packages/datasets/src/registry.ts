import { TandemError } from "@tandem/core/errors";
import type { Dataset } from "./dataset";
import { emojiDomain, emojiDomainTwemoji } from "./emoji/domain-dataset";
import { emojiLanguages } from "./emoji/languages-dataset";
import { emojiStyle } from "./emoji/style-dataset";
import { fmCapDomain, fmCapDomains } from "./fashion/domains";
import { fmCap, fmCapFew, fmCapFewNoisy } from "./fashion/fm-cap-dataset";

const loaders = {
  "emoji-style": emojiStyle,
  "emoji-languages": emojiLanguages,
  "emoji-domain": emojiDomain,
  "emoji-domain-twemoji": emojiDomainTwemoji,
  "fm-cap": fmCap,
  "fm-cap-few": fmCapFew,
  "fm-cap-few-40": fmCapFewNoisy,
  "fm-cap-domain": fmCapDomain,
  "fm-cap-domains": fmCapDomains,
} as const;

export const datasetNames: readonly string[] = Object.keys(loaders);

/** In plain words, for who chooses one. */
export const datasetTexts: Readonly<
  Record<
    keyof typeof loaders,
    {
      readonly title: string;
      readonly description: string;
      /** Its teacher's, a folder of `public/teacher`. */
      readonly base: string;
    }
  >
> = {
  "emoji-style": {
    title: "Emoji in four styles",
    description:
      "Emoji in eight categories, drawn by four vendors. Places hold one vendor's pictures, English captions, or both.",
    base: "emoji-style",
  },
  "emoji-languages": {
    title: "Emoji in six languages",
    description:
      "The same emoji with captions in English, Hindi, Chinese, Russian, Spanish or German, one language a place; the test has all six.",
    base: "emoji-style",
  },
  "emoji-domain": {
    title: "OpenMoji's drawings",
    description:
      "All places hold OpenMoji's emoji, which the teacher paints seldom: it learns from the clients to paint more of them.",
    base: "emoji-domain",
  },
  "emoji-domain-twemoji": {
    title: "Twemoji's drawings",
    description: "The same with Twemoji's emoji.",
    base: "emoji-domain",
  },
  "fm-cap": {
    title: "Clothes with captions",
    description:
      "Fashion-MNIST, grey pictures of clothes in ten classes, with captions that describe them without naming the class.",
    base: "fmnist",
  },
  "fm-cap-few": {
    title: "Clothes, and a server that knows little",
    description: "The same, where the server has kept 300 of its 3,000 public samples.",
    base: "fmnist",
  },
  "fm-cap-few-40": {
    title: "Clothes, and a teacher that errs",
    description:
      "The same with 300 public samples, where 40 % of the teacher's captions were wrong.",
    base: "fmnist-noise-40",
  },
  "fm-cap-domain": {
    title: "Clothes in negative",
    description:
      "All places hold negatives of the pictures, which the teacher paints once in nine times.",
    base: "fm-cap-domain",
  },
  "fm-cap-domains": {
    title: "Clothes in negative and turned",
    description: "Half of the places hold negatives, the other half quarter turns.",
    base: "fm-cap-domain",
  },
};

/** Throws `bad-config` for a name that is none, `not-found` when the data has not been built. */
export async function loadDataset(name: string): Promise<Dataset> {
  const load = Object.hasOwn(loaders, name) && loaders[name as keyof typeof loaders];
  if (load) return load();
  throw new TandemError(
    "bad-config",
    `There is no data set "${name}": use one of ${datasetNames.join(", ")}.`,
  );
}

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

/** Throws `bad-config` for a name that is none, `not-found` when the data has not been built. */
export async function loadDataset(name: string): Promise<Dataset> {
  const load = Object.hasOwn(loaders, name) && loaders[name as keyof typeof loaders];
  if (load) return load();
  throw new TandemError(
    "bad-config",
    `There is no data set "${name}": use one of ${datasetNames.join(", ")}.`,
  );
}

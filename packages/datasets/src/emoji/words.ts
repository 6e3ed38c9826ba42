import { createRequire } from "node:module";
import { wordsOf } from "@tandem/core/tokenizer";
import type { Concept } from "./concepts";

/** In the order in which places take them: of the first four, three write in other letters. */
export const languages = ["en", "hi", "zh", "ru", "es", "de"] as const;
export type Language = (typeof languages)[number];

/** Caption in each language. */
export type Translated = Readonly<Record<Language, string>>;

const require = createRequire(import.meta.url);
type Entry = {
  readonly hexcode: string;
  readonly label: string;
  readonly tags?: readonly string[];
};

/**
 * Unicode's name and up to three of its keywords for each concept, as emojibase-data has them; in
 * English as Emoji-Style has them. Throws for a concept that a language has no name for.
 */
export function translate(concepts: readonly Concept[]): readonly Translated[] {
  const entries = languages.map((language) => {
    const data: readonly Entry[] = require(`emojibase-data/${language}/data.json`);
    return new Map(data.map((entry) => [entry.hexcode, entry]));
  });
  return concepts.map(({ hexcode, name, keywords }) => {
    const captions = languages.map((language, i) => {
      const entry = entries[i].get(hexcode);
      if (!entry) throw new Error(`emojibase-data has no ${language} name for ${hexcode}`);
      return [language, language === "en" ? [name, ...keywords].join(", ") : captionOf(entry)];
    });
    return Object.fromEntries(captions);
  });
}

/** The keywords are those that say more than the name does. */
function captionOf({ label, tags = [] }: Entry): string {
  const name = new Set(wordsOf(label));
  const more = tags.filter((tag) => wordsOf(tag).some((word) => !name.has(word)));
  return [label, ...more.slice(0, 3)].join(", ");
}

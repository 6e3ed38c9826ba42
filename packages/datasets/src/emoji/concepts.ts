import { createRequire } from "node:module";
import { createRng } from "@tandem/core/rng";
import { wordsOf } from "@tandem/core/tokenizer";

export const vendors = ["noto", "twemoji", "fluent-emoji-flat", "openmoji"] as const;
export type Vendor = (typeof vendors)[number];

/** Class index = position; `word` opens the teacher's prompts. */
export const categories = [
  { group: 0, name: "Smileys", word: "smiley" },
  { group: 1, name: "People", word: "person" },
  { group: 3, name: "Animals & Nature", word: "animal" },
  { group: 4, name: "Food & Drink", word: "food" },
  { group: 5, name: "Travel & Places", word: "place" },
  { group: 6, name: "Activities", word: "activity" },
  { group: 7, name: "Objects", word: "object" },
  { group: 8, name: "Symbols", word: "symbol" },
] as const;

export const splits = ["private", "public", "validation", "test"] as const;
export type Split = (typeof splits)[number];

/** One emoji that all four vendors draw. */
export type Concept = {
  readonly hexcode: string;
  readonly label: number;
  readonly name: string;
  readonly keywords: readonly string[];
  readonly split: Split;
  /** Icon name of each vendor. */
  readonly icons: Readonly<Record<Vendor, string>>;
};

const require = createRequire(import.meta.url);
const keyOf = (hexcode: string) => hexcode.toLowerCase().replaceAll("-fe0f", "");

type EmojibaseEntry = {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly group?: number;
  readonly tags?: readonly string[];
};

/** "man dancing" beside "person dancing": near duplicates of one concept. */
const isGenderVariant = ({ hexcode, label, group }: EmojibaseEntry) =>
  /200D-(2640|2642)/.test(hexcode) || (group === 1 && /^(wo)?m[ae]n\b.+/.test(label));

/** The concepts in code-point order, split 60/15/5/20 within each category by seed 1. */
export function emojiConcepts(): readonly Concept[] {
  const icons = vendors.map((vendor) => {
    const chars: Record<string, string> = require(`@iconify-json/${vendor}/chars.json`);
    return new Map(Object.entries(chars).map(([hexcode, icon]) => [keyOf(hexcode), icon]));
  });
  const words: Record<string, readonly string[]> = require("emojilib");
  const entries: readonly EmojibaseEntry[] = require("emojibase-data/en/data.json");
  const concepts = entries.flatMap((entry) => {
    const label = categories.findIndex(({ group }) => group === entry.group);
    const names = icons.map((byHexcode) => byHexcode.get(keyOf(entry.hexcode)));
    if (label < 0 || isGenderVariant(entry) || names.some((name) => name === undefined)) return [];
    const found = Object.fromEntries(vendors.map((vendor, i) => [vendor, names[i]]));
    return [
      {
        hexcode: entry.hexcode,
        label,
        name: wordsOf(entry.label).join(" "),
        keywords: keywordsOf(entry, words[entry.emoji] ?? []),
        icons: found as Record<Vendor, string>,
      },
    ];
  });
  concepts.sort((a, b) => (a.hexcode < b.hexcode ? -1 : 1));
  return assignSplits(concepts);
}

/** Up to three words that the name does not hold already. */
function keywordsOf(entry: EmojibaseEntry, words: readonly string[]): readonly string[] {
  const name = new Set(wordsOf(entry.label));
  const all = [...(entry.tags ?? []), ...words.slice(1)].map((word) =>
    wordsOf(word.replaceAll("_", " ")).join(" "),
  );
  return [...new Set(all)]
    .filter((word) => word && !wordsOf(word).every((w) => name.has(w)))
    .slice(0, 3);
}

function assignSplits(concepts: readonly Omit<Concept, "split">[]): readonly Concept[] {
  const split = new Map<string, Split>();
  for (let label = 0; label < categories.length; label++) {
    const members = concepts.filter((concept) => concept.label === label);
    const order = createRng(`emoji-style/split/${label}`).permutation(members.length);
    order.forEach((member, position) => {
      const share = (position + 0.5) / members.length;
      const name =
        share < 0.6 ? "private" : share < 0.75 ? "public" : share < 0.8 ? "validation" : "test";
      split.set(members[member].hexcode, name);
    });
  }
  return concepts.map((concept) => ({ ...concept, split: split.get(concept.hexcode) ?? "test" }));
}

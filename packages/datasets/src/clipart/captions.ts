import type { Metadata } from "./metadata";
import { groupWords, isColour, isQuality, isShelf, kindWords, plainWords } from "./words";

/** Words of one picture, before the whole collection says which of them are of use. */
export type Described = {
  /** Given by the folder. */
  readonly noun?: string;
  /** In reading order, up to the first preposition: the noun is the last one. */
  readonly name: readonly string[];
  /** Keywords and folders, the most specific first. */
  readonly keywords: readonly string[];
};

export type Caption = {
  readonly noun: string;
  readonly name: string;
  readonly keywords: readonly string[];
};

/** Folders of one kind of thing, whatever its title says. */
const folderNouns: Readonly<Record<string, string>> = {
  flags: "flag",
  arrows: "arrow",
  buttons: "button",
  callouts: "speech bubble",
  cards: "playing card",
  jigsaw: "jigsaw piece",
  patterns: "pattern",
  roadsigns: "road sign",
  smilies: "smiley",
  stars: "star",
  stickmen: "stickman",
};

/** A title that so many files share names a series, not a picture. */
const seriesSize = 4;

/** Names from titles, or from file names where the title is that of a series. */
export function describeAll(files: readonly Metadata[]): readonly Described[] {
  const titles = new Map<string, number>();
  for (const { title } of files) titles.set(title, (titles.get(title) ?? 0) + 1);
  const artists = new Set(files.flatMap(({ creator }) => lettersOf(creator)));
  return files.map((file) => {
    const { title, path, creator } = file;
    const folders = path.split("/");
    const stem = (folders.pop() ?? "").replace(/\.svg$/i, "");
    const isSeries =
      title === "" ||
      (titles.get(title) ?? 0) >= seriesSize ||
      /^clipart by|collection|theme|icons|cliparts|symbol_signs/i.test(title);
    const own = lettersOf(creator);
    const foreign = (word: string) =>
      own.some((name) => name === word || (word.length >= 3 && name.startsWith(word)));
    const text = isSeries ? stem.replace(/_[a-z]*_?\d*$/i, (end) => artistTail(end, own)) : title;
    const keep = (words: readonly string[]) => words.filter((word) => !foreign(word));
    const [head] = text.split(/[_\s-](?:with|of|in|on|for|at|from|by|and|con|di|da)[_\s-]/i);
    const name = keep(plainWords(head));
    const rest = keep(plainWords(text)).filter((word) => !name.includes(word));
    const keywords = file.keywords
      .filter((word) => word.length <= 30 && !artists.has(word.toLowerCase()))
      .flatMap((word) => keep(plainWords(word)));
    const noun = folders.map((folder) => folderNouns[folder]).find(Boolean);
    return {
      ...(noun && { noun }),
      name: name.length > 0 ? name : rest,
      keywords: unique([...rest, ...keywords, ...folders.reverse().flatMap(plainWords)]).filter(
        (word) => !name.includes(word),
      ),
    };
  });
}

/** File names end in the artist's name, often cut off: "dog_benji_pa_01". */
const artistTail = (end: string, own: readonly string[]) => {
  const [word = ""] = lettersOf(end);
  return own.some((name) => name.startsWith(word)) ? "" : end;
};

const lettersOf = (text: string) => text.toLowerCase().match(/[a-z]{2,}/g) ?? [];
const unique = (words: readonly string[]) => [...new Set(words)];

export type Lexicon = {
  /** Things that a small picture can show, one or two words each. */
  readonly nouns: ReadonlySet<string>;
  /** Any word that is worth keeping however rare it is. */
  readonly words: ReadonlySet<string>;
};

/**
 * One caption a picture, or nothing where no word names it. A word stays when the lexicon knows it
 * or when another picture has it too.
 */
export function captionAll(
  all: readonly Described[],
  lexicon: Lexicon,
): readonly (Caption | undefined)[] {
  const counts = new Map<string, number>();
  for (const { name, keywords } of all)
    for (const word of new Set([...name, ...keywords]))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  const known = (word: string) => lexicon.words.has(word) || (counts.get(word) ?? 0) >= 2;
  return all.map((described) => {
    const name = described.name.filter(known);
    const keywords = described.keywords.filter(known);
    const noun = described.noun ?? nounOf(name, keywords, lexicon);
    if (!noun) return undefined;
    const own = noun.split(" ");
    return {
      noun,
      name: name.length > 0 ? name.slice(0, 4).join(" ") : noun,
      keywords: keywords.filter((word) => !own.includes(word)).slice(0, 4),
    };
  });
}

/** The last thing that the name holds, "hot dog" before "dog"; else a keyword; else the group. */
function nounOf(
  name: readonly string[],
  keywords: readonly string[],
  { nouns, words }: Lexicon,
): string | undefined {
  const pairs = name.slice(1).map((word, i) => `${name[i]} ${word}`);
  const backwards = [...name].reverse();
  const isSpecific = (word: string) => !isQuality(word) && !groupWords.includes(word);
  const isThing = (word: string) => isSpecific(word) && nouns.has(word);
  const isWord = (word: string) => isSpecific(word) && words.has(word);
  return (
    pairs.reverse().find((pair) => nouns.has(pair) && !isColour(pair.split(" ")[0])) ??
    backwards.find((word) => isThing(word) && !isColour(word)) ??
    backwards.find(isThing) ??
    backwards.find(isWord) ??
    backwards.find((word) => kindWords.includes(word)) ??
    keywords.find((word) => isThing(word) && !isShelf(word)) ??
    groupWords.find((group) => name.includes(group) || keywords.includes(group))
  );
}

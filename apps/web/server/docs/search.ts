import type { DocExcerpt, DocHit } from "../../lib/docs/docs";
import type { DocPart } from "./markdown";

export type Indexed = DocPart & { readonly slug: string; readonly page: string };

const [mostWords, mostHits, around] = [8, 20, 90] as const;
/** What a word weighs where it stands. */
const weights = { page: 6, heading: 10, text: 1 } as const;

/** Words of questions that say nothing of what is looked for. */
const fillers = new Set(
  "a an and are can do does for how i in is it my of on s the to what when where which who why your".split(
    " ",
  ),
);

/**
 * Finds parts that have every word of a query, or one that begins with it; where none has all, those
 * with the most, two at least.
 */
export function createIndex(parts: readonly Indexed[]): (query: string) => readonly DocHit[] {
  const postings = new Map<string, Map<number, number>>();
  for (const [i, part] of parts.entries())
    for (const of of ["page", "heading", "text"] as const)
      for (const word of wordsOf(part[of])) {
        const posting = postings.get(word) ?? new Map<number, number>();
        postings.set(word, posting);
        posting.set(i, (posting.get(i) ?? 0) + weights[of]);
      }
  const vocabulary = [...postings.keys()].sort();

  /** Parts with a word that begins so, and how much of it they have. */
  function partsWith(start: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    for (let at = firstFrom(vocabulary, start); vocabulary[at]?.startsWith(start); at++) {
      const word = vocabulary[at];
      for (const [part, weight] of postings.get(word) ?? [])
        found.set(part, (found.get(part) ?? 0) + Math.log1p(weight) * (word === start ? 2 : 1));
    }
    return found;
  }

  return (query) => {
    const asked = [...new Set(wordsOf(query))];
    const telling = asked.filter((word) => !fillers.has(word));
    const words = (telling.length > 0 ? telling : asked).slice(0, mostWords);
    const found = new Map<number, { words: readonly string[]; weight: number }>();
    for (const word of words)
      for (const [part, weight] of partsWith(word)) {
        const before = found.get(part) ?? { words: [], weight: 0 };
        found.set(part, { words: [...before.words, word], weight: before.weight + weight });
      }
    const most = Math.max(0, ...[...found.values()].map((part) => part.words.length));
    // One word of two would be a guess.
    if (most < words.length && most < 2) return [];
    return [...found]
      .filter(([, part]) => part.words.length === most)
      .sort(([, a], [, b]) => b.weight - a.weight)
      .slice(0, mostHits)
      .map(([part, has]) => ({
        ...hitOf(parts[part], words),
        ...(most < words.length && { lacks: words.filter((word) => !has.words.includes(word)) }),
      }));
  };
}

function hitOf({ slug, page, id, heading, text }: Indexed, words: readonly string[]): DocHit {
  return {
    path: `/docs/${slug}${id && `#${id}`}`,
    page,
    ...(id !== "" && { heading }),
    excerpt: excerptOf(text, words),
  };
}

/** The text around the first word that is found, with all that are. */
function excerptOf(text: string, words: readonly string[]): DocExcerpt {
  const hits = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})[\\p{L}\\p{N}]*`, "giu");
  const at = Math.max(0, text.search(hits));
  const from = at <= around ? 0 : text.indexOf(" ", at - around) + 1;
  const end = text.indexOf(" ", at + 2 * around);
  const cut = text.slice(from, end < 0 ? text.length : end);
  const parts: { text: string; isHit: boolean }[] = [];
  let done = 0;
  for (const { 0: hit, index } of cut.matchAll(hits)) {
    parts.push({ text: cut.slice(done, index), isHit: false }, { text: hit, isHit: true });
    done = index + hit.length;
  }
  parts.push({ text: cut.slice(done), isHit: false });
  const [start, rest] = [from > 0 ? "… " : "", end < 0 ? "" : " …"];
  return [{ text: start, isHit: false }, ...parts, { text: rest, isHit: false }].filter(
    ({ text }) => text !== "",
  );
}

/** In lower case; of `missingClients` its parts too. */
function wordsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), ([word]) => word).flatMap((word) => {
    const parts = word.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u);
    return (parts.length > 1 ? [word, ...parts] : [word]).map((part) => part.toLowerCase());
  });
}

/** Of a sorted list: the first that is not before `start`. */
function firstFrom(sorted: readonly string[], start: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

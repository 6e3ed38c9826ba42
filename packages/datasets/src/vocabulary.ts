import { type Vocabulary, wordsOf } from "@tandem/core/tokenizer";

/** Words used at least twice, or the `most` frequent of them, and all of `always`; the rest share hashed ids. */
export function vocabularyOf(
  texts: readonly string[],
  {
    always = [],
    most = Infinity,
  }: { readonly always?: readonly string[]; readonly most?: number } = {},
): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts]
    .filter(([, count]) => count >= 2)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
  const words = new Set([...always.flatMap(wordsOf), ...frequent]);
  return { words: [...words].sort(), buckets: 256 };
}

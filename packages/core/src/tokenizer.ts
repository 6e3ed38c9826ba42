/** Words to ids: 0 pads, then `buckets` ids that rare words share by hash, then the vocabulary. */
export type Vocabulary = { readonly words: readonly string[]; readonly buckets: number };

export interface Tokenizer {
  /** Number of ids, padding included: the rows of an embedding table. */
  readonly size: number;
  readonly length: number;
  /** Ids of each text, cut or padded with 0: (N, length), row-major. */
  encode(texts: readonly string[]): Int32Array;
}

export function createTokenizer(vocabulary: Vocabulary, length = 16): Tokenizer {
  const { words, buckets } = vocabulary;
  const known = new Map(words.map((word, i) => [word, 1 + buckets + i]));
  const idOf = (word: string) => known.get(word) ?? 1 + (wordHash(word) % buckets);
  const encode = (texts: readonly string[]) => {
    const ids = new Int32Array(texts.length * length);
    texts.forEach((text, row) => {
      ids.set(wordsOf(text).slice(0, length).map(idOf), row * length);
    });
    return ids;
  };
  return { size: 1 + buckets + words.length, length, encode };
}

/**
 * Of text in NFC, so that é is one letter however it was typed: lower-case letters, with their vowel signs and accents, and digits of any script, in order; Chinese
 * characters one by one, because no spaces tell words apart.
 */
export const wordsOf = (text: string): string[] =>
  text.normalize("NFC").toLowerCase().match(wordPattern) ?? [];

/** A word of text that has been normalised. */
export const wordPattern =
  /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])*/gu;

function wordHash(word: string): number {
  let h = 0x811c9dc5;
  for (const character of word) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}

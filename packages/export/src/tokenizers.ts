import { wordPattern } from "@tandem/core/tokenizer";

/** `createTokenizer` for other programs: one function of a text and of what vocabulary.json holds. */
export const javascriptTokenizer = `// A text as the ids that the model reads; vocabulary: what vocabulary.json holds.
// Ids: 0 pads, 1 to buckets are shared by words that are not in the list, then follow the words.
const pattern = /${wordPattern.source}/gu;

export function encode(text, { words, buckets, length }) {
  const known = new Map(words.map((word, i) => [word, 1 + buckets + i]));
  const found = text.normalize("NFC").toLowerCase().match(pattern) ?? [];
  const idOf = (word) => known.get(word) ?? 1 + (hash(word) % buckets);
  const ids = found.slice(0, length).map(idOf);
  return [...ids, ...new Array(length - ids.length).fill(0)];
}

// FNV-1a over code points, 32 bits.
function hash(word) {
  let h = 0x811c9dc5;
  for (const character of word) h = Math.imul(h ^ character.codePointAt(0), 0x01000193);
  return h >>> 0;
}
`;

/** The same, on the `regex` module, because Python's own knows no classes of letters. */
export const pythonTokenizer = `# A text as the ids that the model reads; vocabulary: what vocabulary.json holds.
# Ids: 0 pads, 1 to buckets are shared by words that are not in the list, then follow the words.
import unicodedata

import regex

pattern = regex.compile(r"${wordPattern.source}")


def encode(text, vocabulary):
    buckets, length = vocabulary["buckets"], vocabulary["length"]
    known = {word: 1 + buckets + i for i, word in enumerate(vocabulary["words"])}
    found = pattern.findall(unicodedata.normalize("NFC", text).lower())[:length]
    ids = [known[word] if word in known else 1 + hash_of(word) % buckets for word in found]
    return ids + [0] * (length - len(ids))


# FNV-1a over code points, 32 bits.
def hash_of(word):
    h = 0x811C9DC5
    for character in word:
        h = (h ^ ord(character)) * 0x01000193 & 0xFFFFFFFF
    return h
`;

import { TandemError } from "@tandem/core/errors";
import { createTokenizer, type Vocabulary } from "@tandem/core/tokenizer";
import type { Component } from "../files/folder";
import { clipTokenizer } from "./clip-tokenizer";

/** Texts to what a CLIPTextModel reads: begin, tokens, end, and padding up to the length. */
export type PromptTokenizer = {
  readonly className: string;
  readonly library: string;
  /** Number of ids: the rows that the embedding table must have at least. */
  readonly size: number;
  readonly length: number;
  /** (N, length), row-major. */
  encode(texts: readonly string[]): Int32Array;
  /** What its folder holds: the config, and the other files by name. */
  readonly config: Readonly<Record<string, string | number>>;
  readonly files: ReadonlyMap<string, string>;
};

export const wordTokenizerClass = "WordTokenizer";

/**
 * Words of a vocabulary, rare ones by hash. The two ids behind it begin and end a text; the end
 * also pads, as in Stable Diffusion 1.x.
 */
export function wordTokenizer(vocabulary: Vocabulary, length: number): PromptTokenizer {
  const words = createTokenizer(vocabulary, length - 2);
  const [begin, end] = [words.size, words.size + 1];
  return {
    className: wordTokenizerClass,
    library: "tandem",
    size: words.size + 2,
    length,
    encode: (texts) =>
      framed(
        texts.map((text) => {
          const ids = words.encode([text]);
          const used = ids.indexOf(0);
          return [begin, ...ids.subarray(0, used < 0 ? ids.length : used)];
        }),
        { length, end, pad: end },
      ),
    config: { tokenizer_class: wordTokenizerClass, model_max_length: length },
    files: new Map([["vocabulary.json", JSON.stringify(vocabulary)]]),
  };
}

/** Rows that have begun, cut, ended and padded. */
export function framed(
  rows: readonly (readonly number[])[],
  { length, end, pad }: { readonly length: number; readonly end: number; readonly pad: number },
): Int32Array {
  const ids = new Int32Array(rows.length * length).fill(pad);
  rows.forEach((row, i) => {
    const kept = row.slice(0, length - 1);
    ids.set([...kept, end], i * length);
  });
  return ids;
}

/** The tokenizer of a pipeline's folder, for texts of at most `length` ids. */
export async function openTokenizer(
  component: Component,
  length: number,
): Promise<PromptTokenizer> {
  if (component.className !== wordTokenizerClass) return clipTokenizer(component, length);
  const read = component.files.get("vocabulary.json");
  if (!read) throw new TandemError("not-found", "the tokenizer has no vocabulary.json");
  return wordTokenizer(parseVocabulary(await read()), length);
}

function parseVocabulary(text: string): Vocabulary {
  const { words, buckets } = JSON.parse(text);
  const valid =
    Array.isArray(words) &&
    words.every((word) => typeof word === "string") &&
    Number.isSafeInteger(buckets) &&
    buckets > 0;
  if (!valid) throw new TandemError("bad-data", "vocabulary.json: words or buckets are missing");
  return { words, buckets };
}

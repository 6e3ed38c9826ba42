import { TandemError } from "@tandem/core/errors";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { Component } from "../files/folder";
import { clipTokenizer } from "./clip-tokenizer";
import type { PromptTokenizer } from "./prompt-tokenizer";
import { wordTokenizer, wordTokenizerClass } from "./word-tokenizer";

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

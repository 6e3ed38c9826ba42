import { TandemError } from "@tandem/core/errors";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { Component } from "../files/folder";
import { parseJsonObject } from "../files/python-json";
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
  if (!read)
    throw new TandemError(
      "not-found",
      "the tokenizer has no vocabulary.json: fetch the whole folder again",
    );
  return wordTokenizer(parseVocabulary(await read()), length);
}

function parseVocabulary(text: string): Vocabulary {
  const path = "tokenizer/vocabulary.json";
  const { words, buckets } = parseJsonObject(text, path);
  if (!Array.isArray(words) || !words.every((word) => typeof word === "string"))
    throw new TandemError("bad-data", `${path}: "words" is no list of texts`);
  if (Number.isSafeInteger(buckets) && Number(buckets) > 0)
    return { words, buckets: Number(buckets) };
  throw new TandemError(
    "bad-data",
    `${path}: "buckets" is ${JSON.stringify(buckets)}, not a natural number`,
  );
}

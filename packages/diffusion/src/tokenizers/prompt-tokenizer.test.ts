import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import { expect, it } from "vitest";
import { readTextFile } from "../files/text-file";
import { createPipeline } from "../pipeline";
import {
  merges,
  randomStableDiffusion,
  smallTokenizer,
  smallVocabulary,
} from "../testing/random-folder";
import { clipTokenizer } from "./clip-tokenizer";
import { openTokenizer } from "./open-tokenizer";
import { wordTokenizer } from "./word-tokenizer";

it("CLIP's reads merges.txt with any line ends, and words however their accents were typed", async () => {
  const { encode, config } = await smallTokenizer();
  const directory = fileURLToPath(new URL("../../fixtures/interop/tokenizer", import.meta.url));
  const files = new Map([
    ["merges.txt", () => readTextFile(join(directory, "merges-crlf.txt"))],
    ["vocab.json", async () => JSON.stringify(smallVocabulary())],
  ]);
  const openWeights = () => Promise.reject(new Error("a tokenizer has no weights"));
  const component = { className: "CLIPTokenizer", library: "transformers", config, files };
  const crlf = await clipTokenizer({ ...component, openWeights }, 77);
  const text = "a red bed, blue";
  expect(crlf.encode([text])).toEqual(encode([text]));
  expect(encode(["Café"])).toEqual(encode(["Cafe\u0301"]));
});

/** A CLIP tokenizer of these files; undefined leaves one out. */
function opened(
  changed: Readonly<Record<string, string | undefined>>,
  config: JsonObject = {},
  className = "CLIPTokenizer",
) {
  const files = new Map<string, () => Promise<string>>();
  const all = { "vocab.json": JSON.stringify(smallVocabulary()), "merges.txt": merges.join("\n") };
  for (const [name, text] of Object.entries({ ...all, ...changed }))
    if (text !== undefined) files.set(name, async () => text);
  const openWeights = () => Promise.reject(new Error("a tokenizer has no weights"));
  return openTokenizer({ className, library: "transformers", config, files, openWeights }, 5);
}

it("CLIP's pads as transformers does: by the map, but for configs with added_tokens_decoder", async () => {
  const { "!": mark, "<|endoftext|>": end } = smallVocabulary();
  const map = { "special_tokens_map.json": '{"pad_token": "!"}' };
  const padOf = async (...given: Parameters<typeof opened>) =>
    (await opened(...given)).encode(["red"])[4];
  // Stable Diffusion 2 as published
  expect(await padOf(map, { pad_token: "<|endoftext|>" })).toBe(mark);
  const decoder = { 0: { content: "!" } };
  expect(await padOf(map, { pad_token: "<|endoftext|>", added_tokens_decoder: decoder })).toBe(end);
  expect(await padOf(map, { added_tokens_decoder: decoder })).toBe(end);
  expect(await padOf({}, { pad_token: { content: "!" } })).toBe(mark);
  expect(await padOf({})).toBe(end);
});

it.each([
  ["merges.txt", "", /^tokenizer\/merges\.txt is empty/],
  ["merges.txt", "#version: 0.2\n\n", /^tokenizer\/merges\.txt is empty/],
  ["merges.txt", "#version: 0.2\ne d</w>\nabc\n", /merges\.txt, line 3: "abc" is no pair/],
  ["merges.txt", "e d</w> x\n", /merges\.txt, line 1: "e d<\/w> x" is no pair/],
  ["merges.txt", "e d</w>\nq q\n", /merges\.txt, line 2: "q q": "qq" is not in vocab\.json/],
  ["vocab.json", "null", /^tokenizer\/vocab\.json is not a JSON object/],
  ["vocab.json", "[]", /^tokenizer\/vocab\.json is not a JSON object/],
  ["vocab.json", "{", /^tokenizer\/vocab\.json is not JSON/],
  ["vocab.json", '{"a": 0}', /vocab\.json has no id for "<\|startoftext\|>"/],
  ["tokenizer.json", "null", /^tokenizer\/tokenizer\.json is not a JSON object/],
  ["tokenizer.json", "{}", /^tokenizer\/tokenizer\.json: "model" has no "vocab"/],
  ["tokenizer.json", '{"model": {"vocab": {"a": 0}}}', /^tokenizer\/tokenizer\.json: /],
  ["special_tokens_map.json", "null", /^tokenizer\/special_tokens_map\.json is not a JSON object/],
])("CLIP's with %s = %j is refused by the file", async (name, text, reason) => {
  await expect(opened({ [name]: text })).rejects.toThrow(TandemError);
  await expect(opened({ [name]: text })).rejects.toThrow(reason);
});

it.each([
  ["{", /^tokenizer\/vocabulary\.json is not JSON/],
  ["null", /^tokenizer\/vocabulary\.json is not a JSON object/],
  ['{"words": ["a", 1], "buckets": 1}', /vocabulary\.json: "words" is no list of texts/],
  ['{"words": ["a"], "buckets": 0}', /vocabulary\.json: "buckets" is 0/],
])("a vocabulary of words %j is refused by the file", async (text, reason) => {
  const open = opened({ "vocabulary.json": text }, {}, "WordTokenizer");
  await expect(open).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(reason),
  });
});

it("a tokenizer says what of a text is left out, in its words", async () => {
  const { beyond } = await smallTokenizer();
  expect(beyond("red ".repeat(75))).toBe(""); // and begin and end
  expect(beyond(`${"red ".repeat(74)}blue Red bed`)).toBe("red bed");
  const words = wordTokenizer({ words: ["cat", "dog"], buckets: 1 }, 5);
  expect(words.beyond("A cat, a")).toBe("");
  expect(words.beyond("A cat, a Dog cat")).toBe("dog cat");
});

it("a pipeline tells once of each prompt that is cut", async () => {
  const notices: string[] = [];
  const notice = (text: string) => notices.push(text);
  const pipeline = createPipeline(await randomStableDiffusion(), { notice });
  const long = `${"red ".repeat(75)}blue bed`;
  const request = { prompts: [long, "red", long], seed: 1, steps: 1, guidance: 1 };
  await pipeline.paint({ ...request, size: [32, 32] });
  await pipeline.paint({ ...request, size: [32, 32] });
  expect(notices).toEqual([`"${long}" is longer than 77 tokens; left out: "blue bed"`]);
  await pipeline.close();
});

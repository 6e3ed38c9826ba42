import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readTextFile } from "../files/text-file";
import { createPipeline } from "../pipeline";
import { randomStableDiffusion, smallTokenizer, smallVocabulary } from "../testing/random-folder";
import { clipTokenizer } from "./clip-tokenizer";
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

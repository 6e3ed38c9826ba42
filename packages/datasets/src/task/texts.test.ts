import { createTokenizer } from "@tandem/core/tokenizer";
import { expect, it } from "vitest";
import { fruit, fruitSet } from "../testing/fruit-task";
import { publicTextsOf, vocabularyOfTask } from "./texts";

const set = fruitSet(12);

it("knows the words of the task, those that public captions repeat, and hashes the others", () => {
  const { words, buckets } = vocabularyOfTask(fruit, set);
  expect(words).toEqual(
    "a apple big green huge pear pippin red ripe small".split(" "), // no number comes twice
  );
  expect(vocabularyOfTask({ ...fruit, prompts: { kind: "captions" } }).words).toEqual(
    "apple pear pippin".split(" "),
  );
  const tokenizer = createTokenizer({ words, buckets });
  const [known, other, empty] = tokenizer.encode(["pippin durian"]);
  expect(known).toBeGreaterThan(buckets);
  expect(other).toBeGreaterThan(0);
  expect(other).toBeLessThanOrEqual(buckets);
  expect(empty).toBe(0);
});

it("asks for each class in its first word with every combination of attributes", () => {
  const { prompts, captions } = publicTextsOf(fruit, set);
  const ofApples = prompts.filter((_, row) => set.labels[row] === 0);
  const combinations = ["red", "green"].flatMap((colour) =>
    ["small", "big", "huge"].map((size) => `${colour} ${size}`),
  );
  expect(ofApples).toEqual([...combinations, ...combinations].map((text) => `${text} apple`));
  expect(prompts.filter((prompt) => prompt.endsWith(" pear"))).toHaveLength(12);
  expect(captions.slice(0, 3)).toEqual(["red small apple", "red small pear", "red big pippin"]);
});

it("spreads the combinations over too few samples", () => {
  const { prompts } = publicTextsOf(fruit, fruitSet(2));
  expect(prompts).toEqual([
    "red small apple",
    "red small pear",
    "green small apple",
    "green small pear",
  ]);
});

it("asks for what the public captions say, or for the class where a sample has none", () => {
  const texts = publicTextsOf({ ...fruit, prompts: { kind: "captions" } }, set);
  expect(texts.prompts.slice(0, 3)).toEqual(["a ripe apple 0", "a ripe pear 1", "pippin"]);
  expect(texts.captions).toEqual(texts.prompts);
  expect(texts.own).toEqual(texts.prompts);
  expect(
    publicTextsOf({ ...fruit, prompts: { kind: "words", attributes: [] } }, set),
  ).toMatchObject({
    prompts: Array.from(set.labels, (label) => ["apple", "pear"][label]),
    own: texts.own,
  });
});

import { expect, it } from "vitest";
import { createTokenizer, wordsOf } from "./tokenizer";

it("words are letters and digits of any script, in lower case", () => {
  expect(wordsOf("A Red-faced CAT, 3 Äpfel; 猫!")).toEqual([
    "a",
    "red",
    "faced",
    "cat",
    "3",
    "äpfel",
    "猫",
  ]);
  expect(wordsOf("… 🙂")).toEqual([]);
});

it("vowel signs belong to their word, and Chinese characters are words", () => {
  expect(wordsOf("कुत्ते का चेहरा")).toEqual(["कुत्ते", "का", "चेहरा"]);
  expect(wordsOf("x\u0301 ЁЖ")).toEqual(["x\u0301", "ёж"]); // no letter of its own
  expect(wordsOf("狗脸, A1类")).toEqual(["狗", "脸", "a1", "类"]);
});

it("a word is the same however its accents were typed", () => {
  const typed = ["Café ÅNGSTRÖM ドーム", "Ёж", "각"];
  for (const text of typed) {
    expect(text.normalize("NFD")).not.toBe(text);
    expect(wordsOf(text.normalize("NFD"))).toEqual(wordsOf(text));
  }
  expect(wordsOf("Cafe\u0301")).toEqual(["caf\u00e9"]);
});

it("ids are 0 for padding, then buckets, then the vocabulary in order", () => {
  const tokenizer = createTokenizer({ words: ["cat", "dog"], buckets: 1 }, 4);
  expect(tokenizer.size).toBe(4);
  // One bucket, so every unknown word is 1; cat = 1 + 1 + 0, dog = 1 + 1 + 1.
  expect(tokenizer.encode(["Dog cat", "a cat a dog too"])).toEqual(
    Int32Array.of(3, 2, 0, 0, 1, 2, 1, 3),
  );
});

it("an unknown word keeps its bucket, and buckets are all used", () => {
  const tokenizer = createTokenizer({ words: [], buckets: 8 }, 1);
  const words = Array.from({ length: 200 }, (_, i) => `word${i}`);
  const ids = tokenizer.encode(words);
  expect(tokenizer.encode(words)).toEqual(ids);
  expect([...new Set(ids)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it("a text that is longer than the length is cut", () => {
  const tokenizer = createTokenizer({ words: ["a", "b"], buckets: 1 });
  expect(tokenizer.length).toBe(16);
  expect(tokenizer.encode(["a ".repeat(20)])).toEqual(new Int32Array(16).fill(2));
});

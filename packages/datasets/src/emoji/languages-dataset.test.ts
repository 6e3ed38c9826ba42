import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabelledSet } from "@tandem/core/data";
import { blobHash } from "@tandem/core/ids";
import { createTokenizer, wordsOf } from "@tandem/core/tokenizer";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { beforeAll, expect, it } from "vitest";
import type { Dataset } from "../dataset";
import { federate } from "../federation/federate";
import { sha256 } from "../files/built-files";
import { buildEmojiLanguages, languagesDirectory } from "./build-languages";
import { emojiConcepts } from "./concepts";
import { emojiLanguages } from "./languages-dataset";
import { emojiStyle } from "./style-dataset";
import { languages, translate } from "./words";

let data: Dataset;
beforeAll(async () => {
  await buildEmojiLanguages();
  data = await emojiLanguages();
}, 180_000);

const scripts: Readonly<Record<string, RegExp>> = {
  en: /\p{Script=Latin}/u,
  hi: /\p{Script=Devanagari}/u,
  zh: /\p{Script=Han}/u,
  ru: /\p{Script=Cyrillic}/u,
  es: /\p{Script=Latin}/u,
  de: /\p{Script=Latin}/u,
};

it("names every concept in every language, in its letters", () => {
  const concepts = emojiConcepts();
  const dog = translate(concepts.filter(({ hexcode }) => hexcode === "1F436"))[0];
  expect(dog).toMatchObject({
    de: "Hundegesicht, gesicht, hund, tier",
    es: "cara de perro, mascota",
    hi: "कुत्ते का चेहरा, कुत्ता, पशु",
  });
  for (const language of languages) {
    const odd = translate(concepts).filter((caption) => !scripts[language].test(caption[language]));
    expect(odd.length).toBeLessThan(10); // "ATM", "OK" and the like
  }
});

it("is Emoji-Style but for the captions of clients", async () => {
  const style = await emojiStyle();
  const [own, theirs] = [
    data.deal({ seed: 3, slots: 12, benchmark: "test" }),
    style.deal({ seed: 3, slots: 12, benchmark: "test" }),
  ];
  const digest = (set: LabelledSet) => sha256(encodeLabelledSet(set));
  const [ours, usual] = [own, theirs].map(({ pools }) => pools.map(({ set }) => digest(set)));
  expect(ours).toEqual(usual);
  const [read, english] = [own, theirs].map(({ test: { captions: _, parts: __, ...own } }) => own);
  expect(digest(read)).toBe(digest(english));
  expect(new Set(theirs.test.parts)).toEqual(new Set(own.pools.map(({ source }) => source)));
  expect(digest(data.teacher.public)).toBe(digest(style.teacher.public));
  for (const { set, translations = [] } of own.pools) {
    expect(translations.map(({ language }) => language)).toEqual([...languages]);
    expect(translations[0].captions).toEqual(set.captions); // row by row, in English
    for (const { captions } of translations) expect(captions.length).toBe(set.size);
  }
});

it("reads a test concept in another language for each vendor, and all six about as often", () => {
  const { test } = data.deal({ seed: 1, slots: 12, benchmark: "test" });
  const perVendor = test.size / 4;
  const captions = test.captions ?? [];
  const { parts = [] } = test;
  expect(new Set(parts)).toEqual(new Set(languages));
  const odd = captions.filter((caption, row) => !scripts[parts[row]].test(caption));
  expect(odd.length).toBeLessThan(10); // "ATM", "OK" and the like
  for (let row = 0; row < perVendor; row++) {
    const four = [0, 1, 2, 3].map((vendor) => captions[vendor * perVendor + row]);
    expect(new Set(four).size).toBeGreaterThan(1);
  }
  const share = (script: RegExp, texts: readonly string[]) =>
    texts.filter((text) => script.test(text)).length / texts.length;
  for (const texts of [captions, data.teacher.publicTexts])
    for (const language of ["hi", "zh", "ru"])
      expect(share(scripts[language], texts)).toBeCloseTo(1 / 6, 1);
});

it("gives a place captions of one language, and the same samples as Emoji-Style", async () => {
  const blobs = createMemoryBlobs();
  const options = { seed: 1, slots: 12, alpha: 0.5 };
  const { slots } = await federate(data, options, blobs);
  const others = await federate(await emojiStyle(), options, blobs);
  expect(slots.map(({ samples }) => samples)).toEqual(others.slots.map(({ samples }) => samples));
  const spoken = slots.flatMap(({ source }) => source.split(", ").slice(1));
  expect(spoken).toEqual(["en", "hi", "zh", "ru", "es", "de", "en", "hi"]);
  const tokenizer = createTokenizer(data.vocabulary);
  for (const { source, shard, modality } of slots) {
    const { captions } = decodeLabelledSet(await blobs.get(blobHash(shard.hash)));
    if (modality === "image" || !captions) continue;
    const [, language] = source.split(", ");
    const fitting = captions.filter((caption) => scripts[language].test(caption));
    expect(fitting.length / captions.length).toBeGreaterThan(0.97);
    // Most words are known: ids of unknown ones are up to the number of buckets.
    const ids = tokenizer.encode(captions).filter((id) => id > 0);
    const known = ids.filter((id) => id > data.vocabulary.buckets).length / ids.length;
    expect(known).toBeGreaterThan(0.6);
  }
});

it("is refused when it is missing or has changed, with the way out", async () => {
  await expect(emojiLanguages("no/such/folder")).rejects.toThrow(/npm run data -- emoji-languages/);
  const directory = await mkdtemp(join(tmpdir(), "emoji-languages-"));
  const index = await readFile(join(languagesDirectory, "index.json"), "utf8");
  expect(wordsOf(index)).toContain("hundegesicht");
  await writeFile(join(directory, "index.json"), index.replace("Hundegesicht", "Katzengesicht"));
  await expect(emojiLanguages(directory)).rejects.toThrow(/index.json has changed/);
  await rm(directory, { recursive: true });
});

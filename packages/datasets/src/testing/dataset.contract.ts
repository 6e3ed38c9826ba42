import { readFile } from "node:fs/promises";
import type { LabelledSet } from "@tandem/core/data";
import { codeOf, messageOf } from "@tandem/core/errors";
import { takeRows } from "@tandem/core/tensor";
import { wordsOf } from "@tandem/core/tokenizer";
import { loadPainter } from "@tandem/diffusion/painters/painter";
import { accuracy, judge } from "@tandem/evaluation/evaluator";
import { weightsOf } from "@tandem/evaluation/evaluator-networks";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { partsOfClients } from "../client-parts";
import type { Dataset, Deal } from "../dataset";
import { sha256 } from "../files/built-files";
import { datasetTexts } from "../registry";

const slots = 3;
type Texts = { readonly captions: readonly string[]; readonly labels: Int32Array };

/** What every data set must hold to. One that this machine has not built is skipped, with the way out. */
export function datasetContract(name: string, load: () => Promise<Dataset>): void {
  describe(`${name} as a data set`, () => {
    let data: Dataset;
    let notBuilt = "";
    let deal: Deal;
    let validation: Deal;
    beforeAll(async () => {
      try {
        data = await load();
      } catch (error) {
        if (codeOf(error) !== "not-found") throw error;
        notBuilt = messageOf(error);
        return;
      }
      deal = data.deal({ seed: 1, slots, benchmark: "test" });
      validation = data.deal({ seed: 1, slots, benchmark: "validation" });
    });
    beforeEach(({ skip }) => skip(notBuilt !== "", notBuilt));

    /** Every set, by whose it is. */
    const sets = (): readonly (readonly [string, LabelledSet])[] => [
      ["public", data.teacher.public],
      ...deal.pools.map(({ source, set }) => [source, set] as const),
      ["validation", validation.test],
      ["test", deal.test],
      ["judge", data.judge.trainedOn],
      ["reference", data.judge.reference],
    ];
    /** All that clients read, or are tested on. */
    const clientTexts = (): readonly Texts[] => [
      { captions: data.teacher.publicTexts, labels: data.teacher.public.labels },
      textsOf(deal.test),
      textsOf(validation.test),
      ...deal.pools.flatMap(({ set, translations = [] }) => [
        textsOf(set),
        ...translations.map(({ captions }) => ({ captions, labels: set.labels })),
      ]),
    ];

    it("has every class in every set, a picture and a caption a label, and one size of picture", () => {
      const { classes } = data;
      expect(new Set(classes).size).toBe(classes.length);
      expect(classes.length).toBeGreaterThan(1);
      const side = data.teacher.public.images?.shape[1];
      for (const [whose, { size, labels, images, captions }] of sets()) {
        expect([whose, ...new Set(labels)].sort()).toEqual([whose, ...classes.keys()].sort());
        expect([whose, labels.length, images?.dtype]).toEqual([whose, size, "u8"]);
        expect([whose, images?.shape]).toEqual([whose, [size, side, side, 3]]);
        expect([whose, captions?.length]).toEqual([whose, size]);
      }
      for (const { captions, labels } of clientTexts()) expect(captions.length).toBe(labels.length);
    });

    it("balances the test set over classes", () => {
      const counts = [...data.classes.keys()].map(
        (label) => deal.test.labels.filter((other) => other === label).length,
      );
      expect(new Set(counts).size).toBe(1);
    });

    it("lets clients infer the class: their captions seldom name it, and no word is the class", () => {
      for (const texts of clientTexts()) {
        expect(shareNaming(data.classes, texts)).toBeLessThan(0.02); // "people hugging" is an emoji's name
        expect(tellingWords(data.classes, texts)).toEqual([]);
      }
      const prompts = new Set(data.teacher.public.captions);
      for (const { captions } of clientTexts())
        expect(captions.filter((caption) => prompts.has(caption))).toEqual([]);
    });

    it("holds no sample in two splits, nor a concept", () => {
      const texts = (set: LabelledSet) => new Set(set.captions);
      const { publicTexts, public: shown } = data.teacher;
      const parts: readonly (readonly [string, readonly LabelledSet[]])[] = [
        ["public", [{ ...shown, captions: publicTexts }]],
        ["pools", deal.pools.map(({ set }) => set)],
        ["validation", [validation.test]],
        ["test", [deal.test]],
      ];
      // Where no caption comes twice in a pool it stands for a concept, whoever has drawn it.
      const isConcept = deal.pools.every(({ set }) => texts(set).size === set.size);
      const keys = parts.map(([, own]) => new Set(own.flatMap((set) => samplesOf(set, isConcept))));
      for (const [i, own] of keys.entries())
        for (const [j, other] of keys.entries())
          if (i < j)
            expect([parts[i][0], parts[j][0], [...own].filter((key) => other.has(key))]).toEqual([
              parts[i][0],
              parts[j][0],
              [],
            ]);
      const judged = new Set(samplesOf(data.judge.trainedOn, isConcept));
      for (const i of [0, 1]) expect([...keys[i]].filter((key) => judged.has(key))).toEqual([]);
    });

    it("is dealt to the byte the same with one seed, and tests on others with another", () => {
      const dealt = (seed: number) => data.deal({ seed, slots, benchmark: "test" });
      expect(digestsOf(dealt(1))).toEqual(digestsOf(deal));
      expect(digestsOf(dealt(2)).at(-1)).not.toBe(digestsOf(deal).at(-1));
    });

    it("validates on other samples out of the same deal, without a look at the test samples", () => {
      expect(digestsOf(validation).slice(0, -1)).toEqual(digestsOf(deal).slice(0, -1));
      const tested = new Set(samplesOf(deal.test));
      expect(samplesOf(validation.test).filter((key) => tested.has(key))).toEqual([]);
    });

    it("has a base that paints pictures of this size", async () => {
      const { checkpoint: directory, public: replay } = data.teacher;
      const { base } = datasetTexts[name as keyof typeof datasetTexts];
      expect(directory).toBe(`public/teacher/${base}`);
      const painter = await loadPainter({ directory, replay, threads: 1 });
      expect(painter.imageSize).toBe(data.teacher.public.images?.shape[1]);
      await painter.close();
    });

    it("has clients that hold all parts of the judge, or those that are known of it", () => {
      const names = data.judge.parts?.names ?? [];
      const held = new Set(deal.pools.map(({ source }) => source));
      const some = names.filter((name) => held.has(name));
      expect(partsOfClients(name)).toEqual(some.length < names.length ? some : undefined);
    });

    it("has judges that know real pictures, and their parts where there are some", async () => {
      const { weights, reference, trainedOn, parts } = data.judge;
      const twiceChance = (count: number) => 2 / count;
      for (const architecture of ["a", "b"] as const) {
        const logits = await logitsOf(weightsOf(weights, architecture), reference);
        expect(logits.shape[1]).toBe(data.classes.length);
        const truth = Array.from(spread(reference), (row) => reference.labels[row]);
        expect(accuracy(logits, truth)).toBeGreaterThan(twiceChance(data.classes.length));
      }
      if (!parts) return;
      for (const { source } of deal.pools) expect(parts.names).toContain(source);
      const logits = await logitsOf(weightsOf(parts.weights, "b"), trainedOn);
      const own = Array.from(spread(trainedOn), (row) =>
        parts.names.indexOf(trainedOn.parts?.[row] ?? ""),
      );
      expect(accuracy(logits, own)).toBeGreaterThan(twiceChance(parts.names.length));
    });
  });
}

const textsOf = ({ captions = [], labels }: LabelledSet): Texts => ({ captions, labels });

/** Of the captions that have the name of their class in them, word by word. */
function shareNaming(classes: readonly string[], { captions, labels }: Texts): number {
  const spelled = (text: string) => ` ${wordsOf(text).join(" ")} `;
  const names = classes.map(spelled);
  return (
    captions.filter((caption, row) => spelled(caption).includes(names[labels[row]])).length /
    captions.length
  );
}

/** Words of nearly all captions of one class and of few others: the class under another name. */
function tellingWords(classes: readonly string[], { captions, labels }: Texts): readonly string[] {
  const sizes = classes.map((_, label) => labels.filter((other) => other === label).length);
  const counts = new Map<string, number[]>();
  for (const [row, caption] of captions.entries())
    for (const word of new Set(wordsOf(caption))) {
      const own = counts.get(word) ?? classes.map(() => 0);
      own[labels[row]]++;
      counts.set(word, own);
    }
  return [...counts].flatMap(([word, own]) => {
    const total = own.reduce((sum, count) => sum + count);
    return own.some((count, label) => count > 0.9 * sizes[label] && count > 0.8 * total)
      ? [word]
      : [];
  });
}

/** What each sample shows with what it says; of concepts, what it says. */
function samplesOf({ size, images, captions = [] }: LabelledSet, isConcept = false): string[] {
  if (isConcept) return [...captions];
  const pixels = images?.data ?? new Uint8Array();
  const stride = pixels.length / size;
  return captions.map(
    (caption, row) =>
      `${sha256(new Uint8Array(pixels.subarray(row * stride, (row + 1) * stride)))} ${caption}`,
  );
}

/** Of each pool with its translations, and of the test set. */
const digestsOf = ({ pools, test }: Deal) =>
  [...pools, { set: test, translations: [] }].map(({ set, translations }) =>
    sha256(JSON.stringify([samplesOf(set), [...set.labels], set.parts, translations])),
  );

/** 64 rows at equal distances. */
const spread = ({ size }: LabelledSet) =>
  Int32Array.from({ length: 64 }, (_, i) => Math.floor((i * size) / 64));

async function logitsOf(file: string, set: LabelledSet) {
  if (!set.images) throw new Error("a judge sees pictures");
  const { arrays } = decodeSafetensors(new Uint8Array(await readFile(file)));
  return judge(arrays, takeRows(set.images, spread(set))).logits;
}

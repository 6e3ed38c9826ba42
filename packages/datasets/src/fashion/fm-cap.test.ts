import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { concatenate, type LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { wordsOf } from "@tandem/core/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measure } from "./attributes";
import { buildFashion, type FashionIndex, fashionParts } from "./build";
import {
  bayesAccuracy,
  captionClasses,
  classWords,
  describeItem,
  heldOut,
  phrases,
  promptKey,
  prompts,
} from "./captions";
import { type FmCap, loadFmCap, picturesOf } from "./fm-cap";
import { fmCapDataset } from "./fm-cap-dataset";
import { parseIdx, side, stride } from "./idx";

function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((n, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, n);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** Boxes of many greys and sizes, as many of each class. */
async function writeFashion(folder: string, part: string, count: number) {
  const rng = createRng(part);
  const pictures = new Uint8Array(count * stride);
  for (let i = 0; i < count; i++) {
    const [w, h, grey] = [4 + rng.integer(24), 4 + rng.integer(24), 20 + rng.integer(236)];
    for (let y = 0; y < h; y++)
      pictures.fill(grey, i * stride + y * side, i * stride + y * side + w);
  }
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const save = (kind: string, bytes: Uint8Array) =>
    writeFile(join(folder, `${part}-${kind}-ubyte.gz`), gzipSync(bytes));
  await save("images-idx3", idx([count, side, side], pictures));
  await save("labels-idx1", idx([count], labels));
}

const rowsOfClass = (labels: Int32Array, label: number) => labels.filter((l) => l === label).length;

describe("FM-Cap", () => {
  let folder: string;
  let data: FmCap;
  let index: FashionIndex;
  const counts = { publicPerClass: 20, evaluation: 100, private: 200 };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fm-cap-"));
    await writeFashion(folder, "train", 600);
    await writeFashion(folder, "t10k", 100);
    const options = { directory: join(folder, "built"), source: folder, counts };
    await buildFashion({ ...options, manifestPath: join(folder, "manifest.json") });
    data = await loadFmCap({ directory: options.directory });
    index = JSON.parse(await readFile(join(options.directory, "index.json"), "utf8"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("uses no picture twice, and balances the public and the test parts", () => {
    const { public: shown, evaluation, private: pool, reference, test } = index.parts;
    const train = [shown, evaluation, pool].flatMap(({ rows }) => rows);
    expect(new Set(train).size).toBe(200 + 100 + 200);
    expect(new Set([...reference.rows, ...test.rows]).size).toBe(100);
    for (let label = 0; label < 10; label++) {
      expect(rowsOfClass(data.publicTruth, label)).toBe(20);
      expect(rowsOfClass(data.test.labels, label)).toBe(5);
    }
  });

  it("holds out nine prompts, each pair of attributes once, and never shows them in public", () => {
    expect(prompts.length).toBe(90);
    expect(heldOut.size).toBe(9);
    expect(new Set([...heldOut].map((key) => key % 9)).size).toBe(9);
    expect(new Set([...heldOut].map((key) => Math.floor(key / 9))).size).toBe(9);
    const unseen = data.prompts.filter((prompt) => prompt.heldOut);
    expect(unseen.length).toBe(9);
    const shown = new Set(
      data.public.captions?.map((caption) => wordsOf(caption).slice(1, 3).join()),
    );
    expect(shown.size).toBe(9); // every pair of attributes, with other classes
    const captions = new Set(data.public.captions);
    for (const { text } of unseen) expect(captions).not.toContain(text);
  });

  it("names one wrong class in one caption of four, and keeps the truth apart", () => {
    for (let label = 0; label < 10; label++) {
      const named = data.public.labels.filter((_, i) => data.publicTruth[i] === label);
      expect(rowsOfClass(named, label)).toBe(15); // 20 of the class, ring 0.25
      expect(rowsOfClass(named, (label + 1) % 10)).toBe(5);
    }
    data.public.captions?.forEach((caption, i) => {
      expect(classWords[data.public.labels[i]]).toContain(wordsOf(caption)[3]);
    });
  });

  it("spreads uniform noise over the other classes, in the share asked for", () => {
    const items = Array.from({ length: 4000 }, (_, i) => ({
      label: i % 10,
      tone: 1,
      shape: i % 3,
    }));
    const named = captionClasses(items, { kind: "uniform", share: 0.4 });
    const wrong = items.flatMap(({ label }, i) =>
      named[i] === label ? [] : [(named[i] - label + 10) % 10],
    );
    expect(wrong.length).toBe(1600);
    expect(new Set(wrong).size).toBe(9);
    const none = captionClasses(items, { kind: "ring", share: 0 });
    expect([...none]).toEqual(items.map(({ label }) => label));
    expect(() => captionClasses(items, { kind: "ring", share: 1.5 })).toThrow(/cannot be wrong/);
  });

  it("describes without naming: Bayes accuracy 0.899", () => {
    // Only three general phrases in a row are ambiguous: 14/22 x 10.5/18.5 x 7/15 = 0.1686.
    // Half of the classes share with 5 (4/5 wrong then), 3 of 10 with 3 (2/3 wrong): 1 - 0.6 x 0.1686.
    expect(bayesAccuracy()).toBeCloseTo(1 - 0.6 * (14 / 22) * (10.5 / 18.5) * (7 / 15), 10);
    const words = new Set(phrases.flat().flatMap(([text]) => wordsOf(text)));
    for (const word of classWords.flat()) expect(words).not.toContain(word);
    for (const own of phrases) expect(new Set(own.map(([text]) => text)).size).toBe(12);

    const classesOf = new Map<string, Set<number>>();
    phrases.forEach((own, label) => {
      for (const [text] of own) classesOf.set(text, (classesOf.get(text) ?? new Set()).add(label));
    });
    const rng = createRng("bayes");
    let right = 0;
    for (let i = 0; i < 20_000; i++) {
      const texts = describeItem(i % 10, rng).split(", ");
      expect(new Set(texts).size).toBe(3);
      const sets = texts.map((text) => classesOf.get(text) ?? new Set<number>());
      const possible = [...sets[0]].filter((label) => sets.every((set) => set.has(label)));
      right += possible[0] === i % 10 ? 1 : 0;
    }
    expect(right / 20_000).toBeCloseTo(0.899, 2); // standard error 0.002
  });

  it("measures the foreground", () => {
    const pixels = new Uint8Array(stride);
    pixels.set([100, 100, 200, 15], 2 * side + 5); // 15 is background
    pixels.set([200, 200, 200], 3 * side + 5);
    expect(measure(pixels)).toEqual({ tone: 1000 / 6, aspect: 3 / 2 });
    expect(measure(new Uint8Array(stride))).toEqual({ tone: 0, aspect: 1 });
  });

  it("pads to 32 pixels or halves to 16, in three equal channels", () => {
    const grey = new Uint8Array(stride);
    grey.set([40, 80]);
    const at = (size: 16 | 32, x: number, y: number) => {
      const { data: pixels, shape } = picturesOf(grey, size);
      expect(shape).toEqual([1, size, size, 3]);
      return [...pixels.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)];
    };
    expect(at(32, 2, 2)).toEqual([40, 40, 40]);
    expect(at(32, 3, 2)).toEqual([80, 80, 80]);
    expect(at(32, 1, 2)).toEqual([0, 0, 0]);
    expect(at(16, 1, 1)).toEqual([30, 30, 30]); // (40 + 80 + 0 + 0) / 4
  });

  it("gives a smaller private pool the same first pictures and texts", async () => {
    const directory = join(folder, "built");
    const small = await loadFmCap({ directory, privateSize: 50, size: 16 });
    expect(small.private.size).toBe(50);
    expect(small.private.captions).toEqual(data.private.captions?.slice(0, 50));
    await expect(loadFmCap({ directory, privateSize: 201 })).rejects.toThrow(/holds 200/);
  });

  it("knows every word that it uses", () => {
    const known = new Set(data.vocabulary.words);
    const texts = [
      ...(data.public.captions ?? []),
      ...(data.test.captions ?? []),
      ...data.publicTexts,
    ];
    expect(texts.flatMap(wordsOf).filter((word) => !known.has(word))).toEqual([]);
  });

  it("leaves the server a few pictures of each true class, with their own captions", () => {
    const { teacher } = fmCapDataset(data, 5);
    const pictures = ({ images }: LabelledSet) =>
      Array.from({ length: images?.shape[0] ?? 0 }, (_, i) =>
        Buffer.from(images?.data.slice(i * 3072, (i + 1) * 3072) ?? []).toString("base64"),
      );
    const all = pictures(data.public);
    const rows = pictures(teacher.public).map((picture) => all.indexOf(picture));
    expect(rows).toHaveLength(50);
    expect(rows).not.toContain(-1);
    for (let label = 0; label < 10; label++)
      expect(rows.filter((row) => data.publicTruth[row] === label)).toHaveLength(5);
    expect(teacher.public.captions).toEqual(rows.map((row) => data.public.captions?.[row]));
    expect(teacher.publicTexts).toEqual(rows.map((row) => data.publicTexts[row]));
    expect(fmCapDataset(data).teacher.public.captions).toEqual(data.public.captions);
  });

  it("validates with what no place holds, or says that there is none", () => {
    const pool = concatenate([data.private, data.private, data.private]); // 600, of which 100 validate
    const deal = fmCapDataset({ ...data, private: pool }).deal;
    const { pools, test } = deal({ seed: 1, slots: 1, benchmark: "validation" });
    expect(pools[0].set.captions).toEqual(pool.captions?.slice(0, 400));
    expect([...(test.captions ?? [])].sort()).toEqual(pool.captions?.slice(500).sort());
    expect(() => deal({ seed: 1, slots: 2, benchmark: "validation" })).toThrow(
      /2 places leave no samples to validate with: use 1 at most/,
    );
    expect(deal({ seed: 1, slots: 2, benchmark: "test" }).test.size).toBe(data.test.size);
  });

  it("refuses files that are missing, cut off or changed", async () => {
    await expect(loadFmCap({ directory: "no/such/folder" })).rejects.toThrow(
      /npm run data -- fmnist/,
    );
    const bytes = idx([2, 3], new Uint8Array(6));
    expect(parseIdx(bytes, "x")).toEqual({ shape: [2, 3], data: new Uint8Array(6) });
    expect(() => parseIdx(bytes.subarray(0, 14), "x")).toThrow(/2 values for shape \[2,3\]/);
    expect(() => parseIdx(bytes.subarray(0, 6), "x")).toThrow(/cut off/);
    expect(() => parseIdx(Uint8Array.from([0, 0, 13, 1]), "x")).toThrow(/not an IDX file/);
    const path = join(folder, "built/test.grey");
    const grey = await readFile(path);
    await writeFile(
      path,
      grey.map((value) => value ^ 1),
    );
    await expect(loadFmCap({ directory: join(folder, "built") })).rejects.toThrow(
      /test.grey has changed/,
    );
    await writeFile(path, grey);
  });
});

const debian = "/usr/share/datasets/fashion-mnist";
describe("Debian's dataset-fashion-mnist", () => {
  it.skipIf(!existsSync(debian))(
    `gives the parts of the committed manifest (skipped where ${debian} is missing: apt-get install dataset-fashion-mnist)`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "fashion-"));
      await buildFashion({ directory, source: debian });
      const data = await loadFmCap({ directory, size: 16, privateSize: 4000 });
      expect(fashionParts.map((part) => data[part].size)).toEqual([3000, 10_000, 4000, 5000, 5000]);
      const seen = new Set<number>();
      const { parts }: FashionIndex = JSON.parse(
        await readFile(join(directory, "index.json"), "utf8"),
      );
      const { labels, tone, shape } = parts.public;
      labels.forEach((label, i) => {
        seen.add(promptKey({ label, tone: tone[i], shape: shape[i] }));
      });
      expect(seen.size).toBe(81);
      await rm(directory, { recursive: true });
    },
    120_000,
  );
});

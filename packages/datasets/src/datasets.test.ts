import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobHash } from "@tandem/core/ids";
import { createRng } from "@tandem/core/rng";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildEmojiStyle, defaultDirectory } from "./emoji/build-style";
import { categories, emojiConcepts, vendors } from "./emoji/concepts";
import { type EmojiStyle, loadEmojiStyle } from "./emoji/style";
import { emojiStyle } from "./emoji/style-dataset";
import { dirichletPartition } from "./federation/dirichlet";
import { federate } from "./federation/federate";

describe("Dirichlet partition", () => {
  const labels = Int32Array.from({ length: 400 }, (_, i) => i % 8);

  it("gives every sample to one client, with the minimum kept, the same for the same seed", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 2, max: 8 }), (seed, clients) => {
        const split = () =>
          dirichletPartition({ labels, clients, alpha: 0.5, minimum: 5, rng: createRng(seed) });
        const parts = split();
        expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([
          ...labels.keys(),
        ]);
        for (const part of parts) expect(part.length).toBeGreaterThanOrEqual(5);
        expect(split()).toEqual(parts);
      }),
      { numRuns: 50 },
    );
  });

  it("is even for a large alpha and skewed for a small one", () => {
    const largest = (alpha: number) => {
      const parts = dirichletPartition({
        labels,
        clients: 4,
        alpha,
        minimum: 5,
        rng: createRng(3),
      });
      const counts = parts.map((part) => part.filter((row) => labels[row] === 0).length);
      return Math.max(...counts) / 50;
    };
    expect(largest(10_000)).toBeLessThan(0.3); // 0.25 each
    expect(largest(0.1)).toBeGreaterThan(0.5);
  });

  it("loses no sample where a very small alpha makes every weight zero", () => {
    for (let seed = 0; seed < 50; seed++) {
      const parts = dirichletPartition({
        labels,
        clients: 2,
        alpha: 0.001,
        minimum: 5,
        rng: createRng(seed),
      });
      expect(parts.flatMap((part) => [...part]).length).toBe(labels.length);
    }
  });

  it("says so when the minimum cannot be had", () => {
    const impossible = { labels, clients: 8, alpha: 0.5, minimum: 60, rng: createRng(1) };
    expect(() => dirichletPartition(impossible)).toThrow(/fewer places/);
  });
});

describe("Emoji-Style", () => {
  let data: EmojiStyle;
  beforeAll(async () => {
    await buildEmojiStyle();
    data = await loadEmojiStyle();
  }, 180_000);

  it("holds no skin tones and no flags, and each concept in one split", () => {
    const concepts = emojiConcepts();
    expect(concepts.length).toBeGreaterThan(1200);
    expect(new Set(concepts.map(({ hexcode }) => hexcode)).size).toBe(concepts.length);
    expect(concepts.filter(({ hexcode }) => /1F3F[B-F]|1F1E[6-9]/.test(hexcode))).toEqual([]);
    const shares = concepts.filter(({ split }) => split === "private").length / concepts.length;
    expect(shares).toBeCloseTo(0.6, 2);
  });

  it("gives clients no category word, and prompts begin with it", () => {
    data.public.captions?.forEach((caption, i) => {
      expect(caption.startsWith(`${categories[data.public.labels[i]].word}: `)).toBe(true);
    });
    expect(data.publicTexts).toEqual(
      data.public.captions?.map((caption) => caption.slice(caption.indexOf(": ") + 2)),
    );
    const captions = data.private.noto.captions ?? [];
    expect(captions.filter((caption) => caption.includes(":"))).toEqual([]);
  });

  it("draws the same concept differently for each vendor, on white", () => {
    const first = vendors.map((vendor) => data.private[vendor].images?.data.slice(0, 3072));
    expect(new Set(first.map(String)).size).toBe(4);
    for (const picture of first) expect([...(picture ?? [])].slice(0, 3)).toEqual([255, 255, 255]);
  });

  it("is refused when it is missing or has changed, with the way out", async () => {
    await expect(loadEmojiStyle("no/such/folder")).rejects.toThrow(/npm run data/);
    const directory = await mkdtemp(join(tmpdir(), "emoji-style-"));
    await cp(defaultDirectory, directory, { recursive: true });
    await expect(loadEmojiStyle(directory)).resolves.toBeDefined();
    const bytes = await readFile(join(directory, "noto.rgb"));
    bytes[5] ^= 1;
    await writeFile(join(directory, "noto.rgb"), bytes);
    await expect(loadEmojiStyle(directory)).rejects.toThrow(/noto.rgb has changed/);
    const index = await readFile(join(directory, "index.json"), "utf8");
    await writeFile(
      join(directory, "index.json"),
      index.replace('"split":"test"', '"split":"public"'),
    );
    await expect(loadEmojiStyle(directory)).rejects.toThrow(/index.json has changed/);
    await rm(directory, { recursive: true });
  });

  it("deals no place without a sample: more places than samples are refused", async () => {
    const blobs = createMemoryBlobs();
    const many = federate(await emojiStyle(), { seed: 1, slots: 10_000, alpha: 0.5 }, blobs);
    await expect(many).rejects.toThrow(/cannot be split among 2500 clients.*use fewer places/);
  });

  it("balances the test set over classes", async () => {
    const { test } = (await emojiStyle()).deal({ seed: 1, slots: 12, benchmark: "test" });
    const counts = data.classes.map((_, label) => test.labels.filter((l) => l === label).length);
    expect(counts).toEqual(data.classes.map(() => 48)); // 12 concepts x 4 vendors
  });

  it("validates with other concepts than it tests with", async () => {
    const { deal } = await emojiStyle();
    const [own, others] = (["validation", "test"] as const).map(
      (benchmark) => new Set(deal({ seed: 1, slots: 12, benchmark }).test.captions),
    );
    expect(own.size).toBeGreaterThan(40);
    expect([...own].filter((caption) => others.has(caption))).toEqual([]);
  });

  it("gives 12 places every vendor with every modality, the first 6 two of each modality", async () => {
    const blobs = createMemoryBlobs();
    const { slots } = await federate(await emojiStyle(), { seed: 1, slots: 12, alpha: 0.5 }, blobs);
    expect(new Set(slots.map((slot) => `${slot.source} ${slot.modality}`)).size).toBe(12);
    const six = slots.slice(0, 6);
    for (const modality of ["image", "text", "image-text"])
      expect(six.filter((slot) => slot.modality === modality).length).toBe(2);
    expect(new Set(six.map((slot) => slot.source)).size).toBe(4);
    expect(new Set(six.map((slot) => slot.architecture)).size).toBeGreaterThanOrEqual(3);
    for (const slot of slots) {
      const shard = decodeLabelledSet(await blobs.get(blobHash(slot.shard.hash)));
      expect(shard.size).toBe(slot.samples);
      expect(shard.images === undefined).toBe(slot.modality === "text");
      expect(shard.captions === undefined).toBe(slot.modality === "image");
    }
  });
});

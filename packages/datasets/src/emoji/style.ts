import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { TensorOf } from "@tandem/core/tensor";
import type { Vocabulary } from "@tandem/core/tokenizer";
import { sha256 } from "../files/built-files";
import { vocabularyOf } from "../vocabulary";
import { type CacheIndex, defaultDirectory, imageSize } from "./build-style";
import { type Concept, categories, type Split, type Vendor, vendors } from "./concepts";

/** The same concepts drawn by four vendors: a natural shift of style, split by concept. */
export type EmojiStyle = {
  readonly classes: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly private: Readonly<Record<Vendor, LabelledSet>>;
  readonly validation: Readonly<Record<Vendor, LabelledSet>>;
  readonly test: Readonly<Record<Vendor, LabelledSet>>;
  /** Captions are prompts and begin with the category's word; mostly noto, 5 % of each other vendor. */
  readonly public: LabelledSet;
  /** Captions of the public set as clients hold theirs, without the category's word. */
  readonly publicTexts: readonly string[];
  /** Whose rows the sets hold, split by split in this order. */
  readonly concepts: readonly Concept[];
  /** Of every concept: its picture by each vendor, what a client's caption says, and its prompt. */
  readonly drawn: Readonly<Record<Vendor, LabelledSet>>;
  readonly texts: readonly string[];
  readonly prompts: readonly string[];
};

// A client's text is not given the category's word: it would be the label itself. Unicode's keywords
// hold it all the same where it is what one would say: "animal" of three animals in four.
const textOf = ({ name, keywords }: Concept) => [name, ...keywords].join(", ");
const promptOf = (concept: Concept) => `${categories[concept.label].word}: ${textOf(concept)}`;

/** Throws `not-found` when the data has not been built, `corrupt` when a file has changed. */
export async function loadEmojiStyle(directory = defaultDirectory): Promise<EmojiStyle> {
  const path = join(directory, "index.json");
  if (!existsSync(path))
    throw new TandemError("not-found", `No Emoji-Style data in ${directory}: run "npm run data".`);
  const index: CacheIndex = JSON.parse(await readFile(path, "utf8"));
  const { concepts } = index;
  if (sha256(JSON.stringify(concepts)) !== index.conceptsSha256) throw changed(path, directory);
  const pictures = Object.fromEntries(
    await Promise.all(
      vendors.map(async (vendor) => [vendor, await images(vendor, directory, index)]),
    ),
  ) as Record<Vendor, TensorOf<"u8">>;

  const texts = concepts.map(textOf);
  const labels = Int32Array.from(concepts, (concept) => concept.label);
  const drawnBy = (vendor: Vendor): LabelledSet => ({
    size: concepts.length,
    labels,
    images: pictures[vendor],
    captions: texts,
  });
  const drawn = Object.fromEntries(vendors.map((vendor) => [vendor, drawnBy(vendor)])) as Record<
    Vendor,
    LabelledSet
  >;
  const rows = (split: Split) =>
    Int32Array.from(concepts.flatMap((concept, row) => (concept.split === split ? [row] : [])));
  const perVendor = (split: Split) =>
    Object.fromEntries(
      vendors.map((vendor) => [vendor, subset(drawn[vendor], rows(split))]),
    ) as Record<Vendor, LabelledSet>;

  const prompts = concepts.map(promptOf);
  return {
    classes: categories.map(({ name }) => name),
    vocabulary: vocabularyOf(prompts),
    private: perVendor("private"),
    validation: perVendor("validation"),
    test: perVendor("test"),
    public: publicSet(concepts, rows("public"), pictures),
    publicTexts: Array.from(rows("public"), (row) => texts[row]),
    concepts,
    drawn,
    texts,
    prompts,
  };
}

const changed = (path: string, directory: string) =>
  new TandemError(
    "corrupt",
    `${path} has changed since it was built: delete ${directory} and run "npm run data".`,
  );

async function images(vendor: Vendor, directory: string, index: CacheIndex) {
  const file = `${vendor}.rgb`;
  const data = new Uint8Array(await readFile(join(directory, file)));
  if (sha256(data) !== index.files[file]) throw changed(join(directory, file), directory);
  return { dtype: "u8", shape: [index.concepts.length, imageSize, imageSize, 3], data } as const;
}

function publicSet(
  concepts: readonly Concept[],
  rows: Int32Array,
  pictures: Record<Vendor, TensorOf<"u8">>,
): LabelledSet {
  const draw = createRng("emoji-style/public");
  const stride = imageSize * imageSize * 3;
  const data = new Uint8Array(rows.length * stride);
  rows.forEach((row, i) => {
    const share = draw.uniform();
    const vendor = share < 0.85 ? vendors[0] : vendors[1 + Math.floor((share - 0.85) / 0.05)];
    data.set(pictures[vendor].data.subarray(row * stride, (row + 1) * stride), i * stride);
  });
  return {
    size: rows.length,
    labels: Int32Array.from(rows, (row) => concepts[row].label),
    images: { dtype: "u8", shape: [rows.length, imageSize, imageSize, 3], data },
    captions: Array.from(rows, (row) => promptOf(concepts[row])),
  };
}

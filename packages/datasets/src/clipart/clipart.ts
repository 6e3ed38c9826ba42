import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { type Vocabulary, wordsOf } from "@tandem/core/tokenizer";
import { readBuilt, sha256 } from "../files/built-files";
import { type ClipartIndex, type ClipartRecord, type ClipartSize, clipartDirectory } from "./build";

export type Clipart = {
  /** Class = noun; captions read "noun: name, keyword, keyword". */
  readonly set: LabelledSet;
  /** Where each picture of the set comes from: a file of openclipart or a code point of noto's. */
  readonly paths: readonly string[];
  readonly classes: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Pictures whose caption holds the word. */
  readonly wordCounts: ReadonlyMap<string, number>;
};

export type ClipartSelection = {
  readonly size?: ClipartSize;
  readonly directory?: string;
  /** "all" shows the teacher concepts that Emoji-Style keeps for clients and for tests. */
  readonly noto?: "none" | "public" | "all";
  /** Nouns with fewer pictures are left out … */
  readonly minimum?: number;
  /** … and of those with more, this many are drawn by seed. */
  readonly maximum?: number;
};

/** Throws `not-found` when the data has not been built, `corrupt` when a file has changed. */
export async function loadClipart(selection: ClipartSelection = {}): Promise<Clipart> {
  const { size = 32, noto = "public", minimum = 3, maximum = 60 } = selection;
  const { directory = clipartDirectory(size) } = selection;
  const path = join(directory, "index.json");
  const wayOut = `delete ${directory} and run "npm run data -- clipart --size ${size}".`;
  if (!existsSync(path))
    throw new TandemError(
      "not-found",
      `No clip art in ${directory}: run "npm run data -- clipart --size ${size}".`,
    );
  const { records, filesSha256, ...index }: ClipartIndex = JSON.parse(await readFile(path, "utf8"));
  if (sha256(JSON.stringify(records)) !== index.recordsSha256 || index.size !== size)
    throw new TandemError("corrupt", `${path} has changed since it was built: ${wayOut}`);
  const data = await readBuilt(join(directory, "pictures.rgb"), filesSha256, wayOut);

  const offered = (record: ClipartRecord) =>
    record.split === undefined ||
    noto === "all" ||
    (noto === "public" && record.split === "public");
  const { rows, classes } = learnable(records, { offered, minimum, maximum });
  const classOf = new Map(classes.map((noun, label) => [noun, label]));
  const whole: LabelledSet = {
    size: records.length,
    labels: Int32Array.from(records, ({ noun }) => classOf.get(noun) ?? -1),
    images: { dtype: "u8", shape: [records.length, size, size, 3], data },
    captions: records.map(captionOf),
  };
  const set = subset(whole, rows);
  const wordCounts = countWords(set.captions ?? []);
  const words = [...wordCounts].filter(([, count]) => count >= 2).map(([word]) => word);
  const paths = Array.from(rows, (row) => records[row].path);
  return { set, paths, classes, wordCounts, vocabulary: { words: words.sort(), buckets: 64 } };
}

const captionOf = ({ noun, name, keywords }: ClipartRecord) =>
  `${noun}: ${[name, ...keywords].join(", ")}`;

/** Rows, in order, of the nouns that have enough pictures to be learned. */
export function learnable(
  records: readonly ClipartRecord[],
  options: {
    readonly offered: (record: ClipartRecord) => boolean;
    readonly minimum: number;
    readonly maximum: number;
  },
): { readonly rows: Int32Array; readonly classes: readonly string[] } {
  const byNoun = new Map<string, number[]>();
  records.forEach((record, row) => {
    if (!options.offered(record)) return;
    byNoun.set(record.noun, [...(byNoun.get(record.noun) ?? []), row]);
  });
  const large = [...byNoun].filter(([, rows]) => rows.length >= options.minimum);
  const rows = large.flatMap(([noun, members]) => {
    const order = createRng(`clipart/${noun}`).permutation(members.length);
    return Array.from(order.slice(0, options.maximum), (i) => members[i]);
  });
  return {
    rows: Int32Array.from(rows).sort(),
    classes: large.map(([noun]) => noun).sort(),
  };
}

function countWords(captions: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const caption of captions)
    for (const word of new Set(wordsOf(caption))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

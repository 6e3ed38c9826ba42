import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { TensorOf } from "@tandem/core/tensor";
import { type Vocabulary, wordsOf } from "@tandem/core/tokenizer";
import { readBuilt, sha256 } from "../files/built-files";
import { type FashionIndex, type FashionPart, type FashionRows, fashionDirectory } from "./build";
import {
  type CaptionNoise,
  captionClasses,
  describeItem,
  fashionClasses,
  heldOut,
  type Prompt,
  phrases,
  promptKey,
  prompts,
  promptText,
} from "./captions";
import { side, stride } from "./idx";

/** Fashion-MNIST with captions: prompts for the teacher, descriptions for the text task. */
export type FmCap = {
  readonly classes: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Captions are prompts, and labels are the classes they name: some of both are wrong. */
  readonly public: LabelledSet;
  /** Descriptions of what the public captions name. */
  readonly publicTexts: readonly string[];
  /** The true classes of the public pictures: for measuring only. */
  readonly publicTruth: Int32Array;
  /** Captions of the other parts are descriptions. */
  readonly private: LabelledSet;
  /** Trains the evaluators; no party sees it. */
  readonly evaluation: LabelledSet;
  /** Real pictures for the Fréchet distance. */
  readonly reference: LabelledSet;
  readonly test: LabelledSet;
  /** With their classes: 81 that the teacher has seen and 9 that it has not. */
  readonly prompts: readonly FmPrompt[];
};
export type FmPrompt = {
  readonly text: string;
  readonly label: number;
  readonly heldOut: boolean;
};

export type FmCapOptions = {
  readonly directory?: string;
  /** 32 pads the 28 pixels with black; 16 is the mean of 2x2 of those. */
  readonly size?: 16 | 32;
  readonly noise?: CaptionNoise;
  /** The first of the private pool: 12,000 for reports, 4,000 for quick runs. */
  readonly privateSize?: number;
};

/** A base that learned from these obeys about six prompts of ten; with 40 % wrong, four. */
const defaultNoise: CaptionNoise = { kind: "ring", share: 0.25 };

/** Throws `not-found` when the data has not been built, `corrupt` when a file has changed. */
export async function loadFmCap(options: FmCapOptions = {}): Promise<FmCap> {
  const { directory = fashionDirectory, size = 32, noise = defaultNoise } = options;
  const path = join(directory, "index.json");
  const wayOut = `delete ${directory} and run "npm run data -- fmnist".`;
  if (!existsSync(path))
    throw new TandemError(
      "not-found",
      `No Fashion-MNIST data in ${directory}: run "npm run data -- fmnist".`,
    );
  const { parts, files, partsSha256 }: FashionIndex = JSON.parse(await readFile(path, "utf8"));
  if (sha256(JSON.stringify(parts)) !== partsSha256)
    throw new TandemError("corrupt", `${path} has changed since it was built: ${wayOut}`);
  const { privateSize = parts.private.rows.length } = options;
  if (privateSize > parts.private.rows.length)
    throw new TandemError(
      "bad-config",
      `The private pool holds ${parts.private.rows.length} pictures, not ${privateSize}.`,
    );

  const described = async (part: FashionPart, count = parts[part].rows.length) => {
    const grey = await readBuilt(join(directory, `${part}.grey`), files[`${part}.grey`], wayOut);
    const labels = Int32Array.from(parts[part].labels.slice(0, count));
    return {
      size: count,
      labels,
      images: picturesOf(grey.subarray(0, count * stride), size),
      captions: describeAll(part, parts[part].rows, labels),
    };
  };
  const shown = await described("public");
  const items = itemsOf(parts.public);
  const named = captionClasses(items, noise);
  const synonyms = createRng("fm-cap/synonyms");
  return {
    classes: fashionClasses,
    vocabulary: vocabulary(),
    public: {
      ...shown,
      labels: named,
      captions: items.map((item, i) =>
        promptText({ ...item, label: named[i] }, synonyms.integer(2) === 0 ? 0 : 1),
      ),
    },
    publicTexts: describeAll("public", parts.public.rows, named),
    publicTruth: shown.labels,
    private: await described("private", privateSize),
    evaluation: await described("evaluation"),
    reference: await described("reference"),
    test: await described("test"),
    prompts: prompts.map((prompt) => ({
      text: promptText(prompt, 0),
      label: prompt.label,
      heldOut: heldOut.has(promptKey(prompt)),
    })),
  };
}

const itemsOf = ({ labels, tone, shape }: FashionRows): readonly Prompt[] =>
  labels.map((label, i) => ({ label, tone: tone[i], shape: shape[i] }));

/** A picture's description depends on the picture and the class only, not on what else is loaded. */
const describeAll = (part: FashionPart, rows: readonly number[], labels: Int32Array) =>
  Array.from(labels, (label, i) =>
    describeItem(label, createRng(`fm-cap/description/${part}/${rows[i]}`)),
  );

/** Every word that prompts and descriptions can hold. */
function vocabulary(): Vocabulary {
  const texts = [
    ...prompts.flatMap((prompt) => [promptText(prompt, 0), promptText(prompt, 1)]),
    ...phrases.flat().map(([text]) => text),
  ];
  return { words: [...new Set(texts.flatMap(wordsOf))].sort(), buckets: 16 };
}

/** (N, 28, 28) grey → (N, size, size, 3), three equal channels, black around. */
export function picturesOf(grey: Uint8Array, size: 16 | 32): TensorOf<"u8"> {
  const count = grey.length / stride;
  const cell = 32 / size;
  const margin = (32 - side) / 2;
  const data = new Uint8Array(count * size * size * 3);
  const sums = new Uint16Array(size * size);
  for (let i = 0; i < count; i++) {
    sums.fill(0);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const at = Math.floor((y + margin) / cell) * size + Math.floor((x + margin) / cell);
        sums[at] += grey[i * stride + y * side + x];
      }
    for (let at = 0; at < sums.length; at++) {
      const to = (i * sums.length + at) * 3;
      data[to] = data[to + 1] = data[to + 2] = Math.round(sums[at] / cell ** 2);
    }
  }
  return { dtype: "u8", shape: [count, size, size, 3], data };
}

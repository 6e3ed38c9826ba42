import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import {
  type BuildOptions,
  checkManifest,
  readJson,
  sha256,
  writeWhole,
} from "../files/built-files";
import { debianFolder, debianVersion } from "../files/debian-package";
import { type Attributes, attributesOf, tercilesOf } from "./attributes";
import { bayesAccuracy, heldOut, promptKey, prompts } from "./captions";
import { type Fashion, readFashion, stride } from "./idx";

/** Raised whenever the recipe changes, so that old caches are built again. */
export const recipe = 1;
export const fashionDirectory = ".cache/fmnist";

export const fashionParts = ["public", "evaluation", "private", "reference", "test"] as const;
export type FashionPart = (typeof fashionParts)[number];

/** Pictures of each part; "public" and the two halves of the test set are balanced over classes. */
export type FashionCounts = {
  readonly publicPerClass: number;
  readonly evaluation: number;
  readonly private: number;
};
const standard: FashionCounts = { publicPerClass: 300, evaluation: 10_000, private: 12_000 };

/** Which pictures of the training file or of t10k a part holds, and what their pixels say. */
export type FashionRows = {
  readonly rows: readonly number[];
  readonly labels: readonly number[];
  readonly tone: readonly number[];
  readonly shape: readonly number[];
};
type Manifest = {
  readonly recipe: number;
  readonly partsSha256: string;
  readonly sourceSha256: Readonly<Record<"train" | "t10k", string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly bayesAccuracyOfDescriptions: number;
};
export type FashionIndex = Manifest & {
  readonly files: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<FashionPart, FashionRows>>;
};

/** Index-disjoint parts by seed 1; the public one holds no held-out prompt. */
export function splitFashion(
  labels: { readonly train: Uint8Array; readonly t10k: Uint8Array },
  attributes: Attributes,
  counts: FashionCounts,
): Readonly<Record<FashionPart, readonly number[]>> {
  const rng = createRng("fm-cap/1");
  const classes = [...Array(10).keys()];
  const order = rng.fork("train").permutation(labels.train.length);
  const open = [...order].filter((row) => {
    const [label, tone, shape] = [labels.train[row], attributes.tone[row], attributes.shape[row]];
    return !heldOut.has(promptKey({ label, tone, shape }));
  });
  const shown = classes.flatMap((label) =>
    open.filter((row) => labels.train[row] === label).slice(0, counts.publicPerClass),
  );
  const taken = new Set(shown);
  const rest = [...order].filter((row) => !taken.has(row));
  const { evaluation } = counts;
  if (shown.length < 10 * counts.publicPerClass || rest.length < evaluation + counts.private)
    throw new TandemError(
      "bad-data",
      `${labels.train.length} pictures are too few for ${JSON.stringify(counts)}: use the whole of Fashion-MNIST.`,
    );
  const held = [...rng.fork("t10k").permutation(labels.t10k.length)];
  const ofClass = classes.map((label) => held.filter((row) => labels.t10k[row] === label));
  const half = (from: (size: number) => number, to: (size: number) => number) =>
    ofClass.flatMap((rows) => rows.slice(from(rows.length), to(rows.length)));
  const middle = (size: number) => Math.floor(size / 2);
  return {
    public: shown,
    evaluation: rest.slice(0, evaluation),
    private: rest.slice(evaluation, evaluation + counts.private),
    reference: half(() => 0, middle),
    test: half(middle, (size) => size),
  };
}

export type FashionOptions = Omit<BuildOptions, "progress"> & {
  /** Folder of the four IDX files; the Debian package's by default. */
  readonly source?: string;
  readonly counts?: FashionCounts;
};

/** Builds the cache unless it is there; returns whether it had to. */
export async function buildFashion(options: FashionOptions = {}): Promise<boolean> {
  const { directory = fashionDirectory, counts = standard, writeManifest = false } = options;
  const indexPath = join(directory, "index.json");
  const present = writeManifest ? undefined : await readJson<FashionIndex>(indexPath);
  if (present?.recipe === recipe) return false;

  const source =
    options.source ??
    (await debianFolder("dataset-fashion-mnist", "/usr/share/datasets/fashion-mnist"));
  const [train, t10k] = await Promise.all([
    readFashion(source, "train"),
    readFashion(source, "t10k"),
  ]);
  // The test pictures are measured with the training pictures' bounds.
  const bounds = tercilesOf(train.pictures, train.labels);
  const measured = {
    train: attributesOf(train.pictures, train.labels, bounds),
    t10k: attributesOf(t10k.pictures, t10k.labels, bounds),
  };
  const split = splitFashion({ train: train.labels, t10k: t10k.labels }, measured.train, counts);
  const fileOf = (part: FashionPart) =>
    part === "reference" || part === "test" ? "t10k" : "train";
  const sources: Record<"train" | "t10k", Fashion> = { train, t10k };
  const rowsOf = (part: FashionPart): FashionRows => {
    const [{ labels }, { tone, shape }] = [sources[fileOf(part)], measured[fileOf(part)]];
    const rows = split[part];
    const of = (values: Uint8Array) => rows.map((row) => values[row]);
    return { rows, labels: of(labels), tone: of(tone), shape: of(shape) };
  };
  const parts = {
    public: rowsOf("public"),
    evaluation: rowsOf("evaluation"),
    private: rowsOf("private"),
    reference: rowsOf("reference"),
    test: rowsOf("test"),
  };

  const { rows, labels, tone, shape } = parts.public;
  const shownKeys = new Set(
    rows.map((_, i) => promptKey({ label: labels[i], tone: tone[i], shape: shape[i] })),
  );
  const manifest: Manifest = {
    recipe,
    partsSha256: sha256(JSON.stringify(parts)),
    sourceSha256: { train: train.sha256, t10k: t10k.sha256 },
    counts: {
      ...Object.fromEntries(fashionParts.map((part) => [part, split[part].length])),
      prompts: prompts.length,
      "prompts held out": heldOut.size,
      "prompts in the public part": shownKeys.size,
    },
    bayesAccuracyOfDescriptions: Number(bayesAccuracy().toFixed(4)),
  };
  await checkManifest(
    { ...manifest, attributions: { pictures: [await attribution()] } },
    {
      path: options.manifestPath ?? "public/data/fmnist.json",
      key: "partsSha256",
      write: writeManifest,
      wayOut:
        'use the files of Debian\'s dataset-fashion-mnist, or run "npm run data -- fmnist --write-manifest" after a wanted change.',
    },
  );
  const files: Record<string, string> = {};
  for (const part of fashionParts) {
    const { pictures } = sources[fileOf(part)];
    const bytes = new Uint8Array(split[part].length * stride);
    split[part].forEach((row, i) => {
      bytes.set(pictures.subarray(row * stride, (row + 1) * stride), i * stride);
    });
    files[`${part}.grey`] = sha256(bytes);
    await writeWhole(join(directory, `${part}.grey`), bytes);
  }
  const index: FashionIndex = { ...manifest, files, parts };
  await writeWhole(indexPath, JSON.stringify(index));
  return true;
}

const attribution = async () => ({
  package: "dataset-fashion-mnist",
  version: await debianVersion("dataset-fashion-mnist"),
  title: "Fashion-MNIST",
  author: "Zalando SE",
  url: "https://github.com/zalandoresearch/fashion-mnist",
  licence: "MIT",
  licenceUrl: "https://github.com/zalandoresearch/fashion-mnist/blob/master/LICENSE",
});

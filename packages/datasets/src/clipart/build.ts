import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { concatenated } from "@tandem/core/tensor";
import { type Concept, categories, emojiConcepts, type Split } from "../emoji/concepts";
import { iconAttribution, rasteriseIcons } from "../emoji/rasterise";
import {
  type BuildOptions,
  checkManifest,
  readJson,
  sha256,
  writeWhole,
} from "../files/built-files";
import { debianFolder, debianVersion } from "../files/debian-package";
import { type Caption, captionAll, type Described, describeAll } from "./captions";
import {
  drawClipart,
  type Fault,
  faultOfFile,
  faultOfPixels,
  withoutNearDuplicates,
} from "./drawing";
import { type Metadata, readMetadata } from "./metadata";
import { meantThings, plainWords } from "./words";

/** Raised whenever the recipe changes, so that old caches are built again. */
export const recipe = 1;
const sizes = [32, 64] as const;
export type ClipartSize = (typeof sizes)[number];
export const clipartDirectory = (size: ClipartSize) => `.cache/clipart-${size}`;

/** Decisions about pictures are taken at this size whatever size is built. */
const judged = 32;

export type ClipartRecord = Caption & {
  /** A file of the collection, or the code points of an emoji. */
  readonly path: string;
  /** Emoji only: the split of its concept in Emoji-Style. */
  readonly split?: Split;
};
type Manifest = {
  readonly recipe: number;
  readonly recordsSha256: string;
  readonly picturesSha256: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly leftOut: Readonly<Partial<Record<Fault, number>>>;
};
export type ClipartIndex = Manifest & {
  readonly size: ClipartSize;
  readonly filesSha256: string;
  readonly records: readonly ClipartRecord[];
};

/** Icon themes, test charts and alphabets: their file names name no picture. */
const series =
  /-theme\/|gradients\/|semaphore\/|flowchart\/|\/led\/|map_symbols\/|diagrams\/|duplicates\//;

export type ClipartOptions = BuildOptions & {
  readonly size?: ClipartSize;
  /** Folder of the SVG files; the Debian package's by default. */
  readonly source?: string;
};

/** Builds the cache unless it is there; returns whether it had to. */
export async function buildClipart(options: ClipartOptions = {}): Promise<boolean> {
  const { size = 32, writeManifest = false, progress = () => {} } = options;
  const { directory = clipartDirectory(size), manifestPath = "public/data/clipart.json" } = options;
  const indexPath = join(directory, "index.json");
  const present = writeManifest ? undefined : await readJson<ClipartIndex>(indexPath);
  if (present?.recipe === recipe && present.size === size) return false;

  const source =
    options.source ?? (await debianFolder("openclipart-svg", "/usr/share/openclipart/svg"));
  const files = await readCollection(source);
  const leftOut: Partial<Record<Fault, number>> = {};
  const leave = (fault: Fault) => {
    leftOut[fault] = (leftOut[fault] ?? 0) + 1;
  };
  const candidates = files.filter(({ metadata, fault }) => {
    const first = fault ?? (series.test(metadata.path) ? "part of a series" : undefined);
    if (first) leave(first);
    return !first;
  });
  const concepts = emojiConcepts();
  const captions = captionAll(
    [...describeAll(candidates.map(({ metadata }) => metadata)), ...concepts.map(describeEmoji)],
    lexiconOf(concepts),
  );

  const named = candidates.flatMap(({ metadata }, i) => {
    const caption = captions[i];
    if (!caption) leave("no noun");
    return caption ? [{ path: metadata.path, ...caption }] : [];
  });
  let done = 0;
  const pictures = await mapInOrder(named, async ({ path }) => {
    const svg = await readFile(join(source, path), "utf8");
    const squares = await drawClipart(svg, size === judged ? [judged] : [judged, size]);
    progress(++done, named.length);
    return typeof squares === "string" ? squares : (faultOfPixels(squares[0]) ?? squares);
  });
  const drawn = pictures.flatMap((squares, i) => {
    if (typeof squares !== "string")
      return [{ record: named[i], small: squares[0], pixels: squares.at(-1) ?? squares[0] }];
    leave(squares);
    return [];
  });
  const kept = withoutNearDuplicates(
    drawn.map(({ small }) => small),
    judged,
  ).map((i) => drawn[i]);
  leftOut["near duplicate"] = drawn.length - kept.length;

  const emoji = concepts.flatMap((concept, i) => {
    const caption = captions[candidates.length + i];
    const { hexcode, split } = concept;
    return caption ? [{ concept, record: { path: hexcode, ...caption, split } }] : [];
  });
  const shown = emoji.map(({ concept }) => concept);
  const notoSmall = await rasteriseIcons("noto", shown, { size: judged });
  const noto = size === judged ? notoSmall : await rasteriseIcons("noto", shown, { size });
  const records = [...kept, ...emoji].map(({ record }) => record);
  const bytes = concatenated(Uint8Array, [...kept.map(({ pixels }) => pixels), noto]);
  const manifest: Manifest = {
    recipe,
    recordsSha256: sha256(JSON.stringify(records)),
    picturesSha256: sha256(
      concatenated(Uint8Array, [...kept.map(({ small }) => small), notoSmall]),
    ),
    counts: {
      files: files.length,
      openclipart: kept.length,
      "noto, public split": emoji.filter(({ concept }) => concept.split === "public").length,
      "noto, all splits": emoji.length,
    },
    leftOut: Object.fromEntries(Object.entries(leftOut).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  await checkManifest(
    { ...manifest, attributions: await attributions() },
    {
      path: manifestPath,
      key: "recordsSha256",
      write: writeManifest,
      wayOut:
        'install the package version that it names, or run "npm run data -- clipart --write-manifest" after a wanted change.',
    },
  );
  await writeWhole(join(directory, "pictures.rgb"), bytes);
  const index: ClipartIndex = { ...manifest, size, filesSha256: sha256(bytes), records };
  await writeWhole(indexPath, JSON.stringify(index));
  return true;
}

type SourceFile = { readonly metadata: Metadata; readonly fault: Fault | undefined };

/** Real files only: the package also links some of them under a second name. */
async function readCollection(source: string): Promise<readonly SourceFile[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new TandemError("not-found", `${source} cannot be read: name a folder of SVG files.`, {
      cause,
    });
  });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".svg"))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(source, sep).length))
    .map((path) => path.replaceAll(sep, "/"))
    .sort();
  return Promise.all(
    paths.map(async (path) => {
      const svg = await readFile(join(source, path), "utf8");
      const metadata = readMetadata(path, svg);
      return { metadata, fault: metadata.publicDomain ? faultOfFile(svg) : "not public domain" };
    }),
  );
}

/** A few at a time; the results are in the order of the items. */
async function mapInOrder<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await map(items[i]);
  };
  await Promise.all([lane(), lane(), lane()]);
  return results;
}

function describeEmoji({ name, keywords, label }: Concept): Described {
  const { word } = categories[label];
  const own = plainWords(name);
  const rest = [...keywords.flatMap(plainWords), word].filter((other) => !own.includes(other));
  return { ...(word === "smiley" && { noun: word }), name: own, keywords: [...new Set(rest)] };
}

/** Things that emoji show are things that a small picture can show. */
function lexiconOf(concepts: readonly Concept[]) {
  const names = concepts.map(({ name }) => plainWords(name));
  const pairs = names.filter((words) => words.length === 2).map((words) => words.join(" "));
  const nouns = new Set([...names.flat(), ...pairs, ...meantThings]);
  const keywords = concepts.flatMap((concept) => concept.keywords.flatMap(plainWords));
  return { nouns, words: new Set([...nouns, ...keywords]) };
}

const require = createRequire(import.meta.url);

async function attributions() {
  const words: { version: string; license: string } = require("emojilib/package.json");
  return {
    pictures: [
      {
        package: "openclipart-svg",
        version: await debianVersion("openclipart-svg"),
        title: "Open Clip Art Library",
        author: "the artists of openclipart.org",
        url: "https://openclipart.org",
        licence: "public domain",
        licenceUrl: "https://creativecommons.org/licenses/publicdomain/",
      },
      iconAttribution("noto"),
    ],
    words: [{ package: "emojilib", version: words.version, licence: words.license }],
  };
}

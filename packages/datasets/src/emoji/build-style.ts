import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type BuildOptions,
  checkManifest,
  readJson,
  sha256,
  writeWhole,
} from "../files/built-files";
import { type Concept, categories, emojiConcepts, splits, type Vendor, vendors } from "./concepts";
import { iconAttribution, rasteriseIcons } from "./rasterise";

export const imageSize = 32;
/** Raised whenever the recipe changes, so that old caches are built again. */
export const recipe = 1;
export const defaultDirectory = ".cache/emoji-style";

export type Manifest = {
  readonly recipe: number;
  readonly conceptsSha256: string;
  readonly counts: Readonly<Record<string, number>>;
};
export type CacheIndex = Manifest & {
  readonly files: Readonly<Record<string, string>>;
  readonly concepts: readonly Concept[];
};

const require = createRequire(import.meta.url);

/** Whom to attribute, as the installed packages say it themselves. */
function attributions() {
  const words = ["emojibase-data", "emojilib"].map((name) => {
    const info: { version: string; license: string } = require(`${name}/package.json`);
    return { package: name, version: info.version, licence: info.license };
  });
  return { pictures: vendors.map(iconAttribution), words };
}

/** Builds the cache unless it is there; returns whether it had to. */
export async function buildEmojiStyle(options: BuildOptions = {}): Promise<boolean> {
  const {
    directory = defaultDirectory,
    manifestPath = "public/data/emoji-style.json",
    writeManifest = false,
    progress = () => {},
  } = options;
  const indexPath = join(directory, "index.json");
  const present = writeManifest ? undefined : await readJson<CacheIndex>(indexPath);
  if (present?.recipe === recipe) return false;
  const concepts = emojiConcepts();
  const count = (key: string, value: (concept: Concept) => string) =>
    Object.fromEntries(
      [...new Set(concepts.map(value))]
        .sort()
        .map((name) => [
          `${key}/${name}`,
          concepts.filter((concept) => value(concept) === name).length,
        ]),
    );
  const manifest: Manifest = {
    recipe,
    conceptsSha256: sha256(JSON.stringify(concepts)),
    counts: {
      concepts: concepts.length,
      ...count("split", (concept) => concept.split),
      ...count("category", (concept) => categories[concept.label].name),
    },
  };
  await checkManifest(
    { ...manifest, attributions: attributions() },
    {
      path: manifestPath,
      key: "conceptsSha256",
      write: writeManifest,
      wayOut:
        'run "npm ci" for the pinned icon packages, or "npm run data -- --write-manifest" after a wanted change.',
    },
  );
  let done = 0;
  const step = () => progress(++done, concepts.length * vendors.length);
  const files: Record<string, string> = {};
  const store = async (vendor: Vendor) => {
    const bytes = await rasteriseIcons(vendor, concepts, { size: imageSize, done: step });
    await writeWhole(join(directory, `${vendor}.rgb`), bytes);
    files[`${vendor}.rgb`] = sha256(bytes);
  };
  await Promise.all(vendors.map(store));
  const index: CacheIndex = { ...manifest, files, concepts };
  await writeWhole(indexPath, JSON.stringify(index));
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let shown = -1;
  const built = await buildEmojiStyle({
    writeManifest: process.argv.includes("--write-manifest"),
    progress: (done, total) => {
      const percent = Math.floor((done / total) * 10) * 10;
      if (percent !== shown) console.log(`Emoji-Style: ${done} of ${total} pictures`);
      shown = percent;
    },
  });
  console.log(
    built
      ? `Emoji-Style is in ${defaultDirectory} (${splits.join(", ")})`
      : "Emoji-Style is up to date",
  );
}

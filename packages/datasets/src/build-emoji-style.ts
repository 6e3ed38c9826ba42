import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TandemError } from "@tandem/core/errors";
import sharp from "sharp";
import {
  type Concept,
  categories,
  emojiConcepts,
  splits,
  type Vendor,
  vendors,
} from "./emoji-concepts";

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

export const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

const require = createRequire(import.meta.url);
type IconSet = {
  readonly width: number;
  readonly height: number;
  readonly icons: Record<
    string,
    { readonly body: string; readonly width?: number; readonly height?: number }
  >;
};

/** (N, 32, 32, 3) bytes of one vendor's pictures on white, in concept order. */
async function rasterise(vendor: Vendor, concepts: readonly Concept[], done: () => void) {
  const set: IconSet = require(`@iconify-json/${vendor}/icons.json`);
  const stride = imageSize * imageSize * 3;
  const bytes = new Uint8Array(concepts.length * stride);
  for (const [row, concept] of concepts.entries()) {
    const icon = set.icons[concept.icons[vendor]];
    const [width, height] = [icon.width ?? set.width, icon.height ?? set.height];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="128" height="128">${icon.body}</svg>`;
    const pixels = await sharp(Buffer.from(svg))
      .resize(imageSize, imageSize, { fit: "contain", background: "#ffffff" })
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer();
    bytes.set(pixels, row * stride);
    done();
  }
  return bytes;
}

type IconInfo = {
  readonly name: string;
  readonly author: { readonly name: string; readonly url: string };
  readonly license: { readonly spdx: string; readonly url: string };
};

/** Whom to attribute, as the installed packages say it themselves. */
function attributions() {
  const pictures = vendors.map((vendor) => {
    const { name, author, license }: IconInfo = require(`@iconify-json/${vendor}/info.json`);
    const { version }: { version: string } = require(`@iconify-json/${vendor}/package.json`);
    return {
      package: `@iconify-json/${vendor}`,
      version,
      title: name,
      author: author.name,
      url: author.url,
      licence: license.spdx,
      licenceUrl: license.url,
    };
  });
  const words = ["emojibase-data", "emojilib"].map((name) => {
    const info: { version: string; license: string } = require(`${name}/package.json`);
    return { package: name, version: info.version, licence: info.license };
  });
  return { pictures, words };
}

async function checkManifest(manifest: Manifest, path: string, write: boolean) {
  const text = `${JSON.stringify({ ...manifest, attributions: attributions() }, null, 2)}\n`;
  if (write || !existsSync(path)) return writeFile(path, text);
  const committed: Manifest = JSON.parse(await readFile(path, "utf8"));
  if (committed.conceptsSha256 !== manifest.conceptsSha256)
    throw new TandemError(
      "corrupt",
      `The concept list has SHA-256 ${manifest.conceptsSha256}, ${path} says ${committed.conceptsSha256}: run "npm ci" for the pinned icon packages, or "npm run data -- --write-manifest" after a wanted change.`,
    );
}

/** Builds the cache unless it is there; returns whether it had to. */
export async function buildEmojiStyle(
  options: {
    readonly directory?: string;
    readonly manifestPath?: string;
    readonly writeManifest?: boolean;
    readonly progress?: (done: number, total: number) => void;
  } = {},
): Promise<boolean> {
  const {
    directory = defaultDirectory,
    manifestPath = "public/data/emoji-style.json",
    writeManifest = false,
    progress = () => {},
  } = options;
  const indexPath = join(directory, "index.json");
  if (!writeManifest && existsSync(indexPath)) {
    const index: CacheIndex = JSON.parse(await readFile(indexPath, "utf8"));
    if (index.recipe === recipe) return false;
  }
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
  await checkManifest(manifest, manifestPath, writeManifest);
  await mkdir(directory, { recursive: true });
  let done = 0;
  const step = () => progress(++done, concepts.length * vendors.length);
  const files: Record<string, string> = {};
  const store = async (vendor: Vendor) => {
    const bytes = await rasterise(vendor, concepts, step);
    await writeFile(join(directory, `${vendor}.rgb.part`), bytes);
    await rename(join(directory, `${vendor}.rgb.part`), join(directory, `${vendor}.rgb`));
    files[`${vendor}.rgb`] = sha256(bytes);
  };
  await Promise.all(vendors.map(store));
  const index: CacheIndex = { ...manifest, files, concepts };
  await writeFile(`${indexPath}.part`, JSON.stringify(index));
  await rename(`${indexPath}.part`, indexPath);
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

import { createRequire } from "node:module";
import { join } from "node:path";
import { wordsOf } from "@tandem/core/tokenizer";
import {
  type BuildOptions,
  checkManifest,
  readJson,
  sha256,
  writeWhole,
} from "../files/built-files";
import { buildEmojiStyle } from "./build-style";
import { emojiConcepts } from "./concepts";
import { type Language, languages, type Translated, translate } from "./words";

/** Raised whenever the recipe changes, so that old caches are built again. */
const recipe = 1;
export const languagesDirectory = ".cache/emoji-languages";

type Manifest = {
  readonly recipe: number;
  readonly captionsSha256: string;
  /** Different words of each language. */
  readonly words: Readonly<Record<Language, number>>;
};
export type LanguagesIndex = Manifest & {
  /** Of the concepts of Emoji-Style, in their order. */
  readonly captions: readonly Translated[];
};

const require = createRequire(import.meta.url);

/** The package is MIT; what it took from Unicode's CLDR stays under Unicode's own licence. */
function attributions() {
  const { version, license }: { version: string; license: string } =
    require("emojibase-data/package.json");
  return {
    words: [
      { package: "emojibase-data", version, licence: license },
      {
        title: "Unicode CLDR annotations",
        author: "Unicode, Inc.",
        url: "https://cldr.unicode.org",
        licence: "Unicode-3.0",
        licenceUrl: "https://www.unicode.org/license.txt",
      },
    ],
  };
}

/** Builds captions, and the pictures of Emoji-Style, unless they are there; returns whether it had to. */
export async function buildEmojiLanguages(options: BuildOptions = {}): Promise<boolean> {
  const {
    directory = languagesDirectory,
    manifestPath = "public/data/emoji-languages.json",
    writeManifest = false,
    progress = () => {},
  } = options;
  const drawn = await buildEmojiStyle({ progress });
  const path = join(directory, "index.json");
  const present = writeManifest ? undefined : await readJson<LanguagesIndex>(path);
  if (present?.recipe === recipe) return drawn;
  const captions = translate(emojiConcepts());
  const count = (language: Language) =>
    new Set(captions.flatMap((caption) => wordsOf(caption[language]))).size;
  const manifest: Manifest = {
    recipe,
    captionsSha256: sha256(JSON.stringify(captions)),
    words: Object.fromEntries(
      languages.map((language) => [language, count(language)]),
    ) as Manifest["words"],
  };
  await checkManifest(
    { ...manifest, attributions: attributions() },
    {
      path: manifestPath,
      key: "captionsSha256",
      write: writeManifest,
      wayOut:
        'run "npm ci" for the pinned packages, or "npm run data -- emoji-languages --write-manifest" after a wanted change.',
    },
  );
  const index: LanguagesIndex = { ...manifest, captions };
  await writeWhole(path, JSON.stringify(index));
  return true;
}

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { variedArchitectures } from "../architectures";
import { inParts } from "../balanced";
import type { Dataset } from "../dataset";
import { sha256 } from "../files/built-files";
import { vocabularyOf } from "../vocabulary";
import { type LanguagesIndex, languagesDirectory } from "./build-languages";
import { type Split, vendors } from "./concepts";
import { loadEmojiStyle } from "./style";
import { emojiStyle, testOfVendors } from "./style-dataset";
import { languages, type Translated } from "./words";

/**
 * Emoji-Style with captions in six languages: a place has one, the public texts and the test set have
 * all in turn. The teacher and its prompts stay English. Throws `not-found` when it has not been built,
 * `corrupt` when a file has changed.
 */
export async function emojiLanguages(directory = languagesDirectory): Promise<Dataset> {
  const captions = await captionsOf(directory);
  const [style, data] = [await emojiStyle(), await loadEmojiStyle()];
  const rowsOf = (split: Split) => captions.filter((_, row) => data.concepts[row].split === split);
  /** Each row is in another language than the one before, beginning with the `first`. */
  const languageOf = (row: number, first: number) => languages[(row + first) % languages.length];
  const mixed = (rows: readonly Translated[], first = 0) =>
    rows.map((caption, row) => caption[languageOf(row, first)]);
  const own = rowsOf("private");
  return {
    ...style,
    architectures: variedArchitectures,
    vocabulary: vocabularyOf([
      ...data.prompts,
      ...captions.flatMap(({ en: _, ...others }) => Object.values(others)), // prompts are English
    ]),
    teacher: { ...style.teacher, publicTexts: mixed(rowsOf("public")) },
    deal: ({ seed, benchmark }) => ({
      pools: vendors.map((vendor) => ({
        source: vendor,
        set: data.private[vendor],
        translations: languages.map((language) => ({
          language,
          captions: own.map((caption) => caption[language]),
        })),
      })),
      test: testOfVendors(
        // The vendors' rows are the same concepts: each is read in four languages.
        (vendor, first) =>
          inParts(
            { ...data[benchmark][vendor], captions: mixed(rowsOf(benchmark), first) },
            (row) => languageOf(row, first),
          ),
        { classes: data.classes.length, seed },
      ),
    }),
  };
}

async function captionsOf(directory: string): Promise<readonly Translated[]> {
  const path = join(directory, "index.json");
  const command = "npm run data -- emoji-languages";
  if (!existsSync(path))
    throw new TandemError("not-found", `No captions in ${directory}: run "${command}".`);
  const { captions, captionsSha256 }: LanguagesIndex = JSON.parse(await readFile(path, "utf8"));
  if (sha256(JSON.stringify(captions)) === captionsSha256) return captions;
  throw new TandemError(
    "corrupt",
    `${path} has changed since it was built: delete ${directory} and run "${command}".`,
  );
}

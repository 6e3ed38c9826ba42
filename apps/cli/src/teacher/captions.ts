import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { extname, isAbsolute, join, posix, relative, sep } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import { readTextFile } from "@tandem/diffusion/files/text-file";
import { parseMetadata } from "./metadata";

/** Paths are relative to the folder. */
export type Listing = {
  readonly pictures: readonly { readonly file: string; readonly caption: string }[];
  readonly skipped: readonly Skipped[];
};
export type Skipped = { readonly file: string; readonly reason: string };

/** Names that people give pictures; whether one is a picture its content decides. */
const pictureName = /\.(avif|bmp|gif|heic|heif|jfif|jpe|jpe?g|jp2|jxl|png|svg|tiff?|webp)$/i;
const captionName = /\.(txt|caption)$/i;
const metadataNames = ["metadata.jsonl", "metadata.csv"];

/**
 * The captioned pictures of a folder, from its metadata.jsonl or metadata.csv, which may name
 * sub-folders, or from a .txt or .caption file beside each; and what else lies there. Names match
 * however their accents were typed. Throws where a picture has no caption, or two.
 */
export async function listPictures(directory: string): Promise<Listing> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause) => {
    throw new TandemError("not-found", `there is no folder ${directory}`, { cause });
  });
  const [metadata, second] = metadataNames.filter((name) =>
    entries.some((entry) => entry.name === name && !entry.isDirectory()),
  );
  if (second)
    throw new TandemError("bad-data", `${directory} has ${metadata} and ${second}: keep one`);
  return metadata ? fromMetadata(directory, metadata) : besideTexts(directory, entries);
}

const typed = (name: string) => name.normalize("NFC");

async function fromMetadata(directory: string, metadata: string): Promise<Listing> {
  const path = join(directory, metadata);
  const entries = parseMetadata(await readTextFile(path), path);
  const all = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = all
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep).join("/"))
    .sort();
  const known = new Map(files.map((file) => [typed(file), file]));
  for (const file of files) known.set(file, file);
  const lines = new Map<string, number>();
  const pictures = entries.map(({ line, file: given, caption }) => {
    const where = `${path}, line ${line}`;
    const asked = posix.normalize(given.replaceAll("\\", "/"));
    if (isAbsolute(asked) || asked.split("/").includes(".."))
      throw new TandemError("bad-data", `${where}: ${given} leads out of the folder`);
    const file = known.get(asked) ?? known.get(typed(asked));
    if (file === undefined) throw new TandemError("not-found", `${where}: there is no ${given}`);
    const earlier = lines.get(file);
    if (earlier !== undefined)
      throw new TandemError("bad-data", `${where}: ${given} is in line ${earlier} already`);
    lines.set(file, line);
    return { file, caption };
  });
  const skipped = files
    .filter((file) => !lines.has(file) && file !== metadata)
    .map((file) => ({ file, reason: hidden(file) ?? `not in ${metadata}` }));
  return { pictures, skipped };
}

async function besideTexts(directory: string, entries: readonly Dirent[]): Promise<Listing> {
  const [files, texts, skipped]: [string[], Map<string, string[]>, Skipped[]] = [[], new Map(), []];
  const stem = (name: string) => typed(name.slice(0, -extname(name).length));
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const reason = entry.isDirectory() ? "a folder" : hidden(name);
    if (reason) skipped.push({ file: name, reason });
    else if (pictureName.test(name)) files.push(name);
    else if (captionName.test(name))
      texts.set(stem(name), [...(texts.get(stem(name)) ?? []), name]);
    else skipped.push({ file: name, reason: "no picture by its name" });
  }
  const used = new Set<string>();
  const pictures = await Promise.all(
    files.map(async (file) => {
      const [text, second] = texts.get(stem(file)) ?? [];
      if (text === undefined)
        throw new TandemError(
          "not-found",
          `${file} has no caption: write ${listed([join(directory, `${stem(file)}.txt`), ...metadataNames], "or")}`,
        );
      if (second)
        throw new TandemError(
          "bad-data",
          `${file} has captions in ${text} and ${second}: keep one`,
        );
      used.add(text);
      const caption = (await readTextFile(join(directory, text))).trim();
      if (caption !== "") return { file, caption };
      throw new TandemError("bad-data", `${join(directory, text)} is empty: write a caption`);
    }),
  );
  for (const text of [...texts.values()].flat())
    if (!used.has(text)) skipped.push({ file: text, reason: "no picture beside it" });
  return { pictures, skipped };
}

function hidden(file: string): string | undefined {
  const name = posix.basename(file);
  if (name.startsWith("._")) return "a resource fork of macOS";
  return name.startsWith(".") ? "hidden" : undefined;
}

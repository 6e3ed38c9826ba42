import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { formatBytes, plural } from "@tandem/core/format";
import { ownBounds } from "@tandem/core/own-bounds";
import { isText } from "@tandem/protocol/text";
import { arrange, noChoices, wanted } from "./arrange";
import { type ClassMatch, createClassMatcher } from "./class-names";
import {
  bytesOf,
  cleanPath,
  endingOf,
  isHidden,
  nameOf,
  type SourceFile,
  stemOf,
} from "./files/source-file";
import { isZip, openZip } from "./files/zip";
import type {
  Intake,
  IntakeTask,
  LeftOut,
  Note,
  Picture,
  PictureFeatures,
  Progress,
  Reading,
  Table,
  TextFile,
} from "./intake";
import { limits } from "./limits";
import { largeInTurn, type PictureDecoder } from "./pictures/decoder";
import { readPicture } from "./pictures/read-picture";
import { createReporter, type Reporter } from "./report-progress";
import { encodingOf } from "./tables/decode-text";
import { isTable, latin1, readTable } from "./tables/read-table";

export type ReadOptions = {
  readonly task: IntakeTask;
  readonly decoder: PictureDecoder;
  /** Where models read the features of pictures, which are made while each is there in its size. */
  readonly features?: PictureFeatures | undefined;
  readonly signal?: AbortSignal;
  /** Called at least every 250 ms, as far as the event loop lets it. */
  readonly progress?: (progress: Progress) => void;
};

/** Files that are read at the same time: while one is decoded, the next comes from the disk. */
const lanes = 2;

type Found = {
  readonly picture?: Picture;
  /** The picture as a backbone is fed it. */
  readonly atSide?: Uint8Array;
  readonly text?: TextFile;
  readonly table?: Table;
  readonly leftOut?: readonly LeftOut[];
  readonly notes?: readonly Note[];
};

/**
 * Reads people's files into samples: pictures in folders of classes, tables with files, classes and
 * texts, texts beside pictures, zips of all that. What cannot be used is listed with its reason. Throws
 * `cancelled` at once when the signal says so.
 */
export async function readSources(
  files: readonly SourceFile[],
  options: ReadOptions,
): Promise<Intake> {
  const { task, signal, progress } = options;
  const cancelled = cancellation(signal);
  try {
    return await Promise.race([cancelled.promise, readAll(files, options)]);
  } finally {
    cancelled.release();
  }

  async function readAll(files: readonly SourceFile[], options: ReadOptions): Promise<Intake> {
    signal?.throwIfAborted();
    const { entries, leftOut, hidden } = await listed(files, signal);
    const reporter = createReporter(entries, progress);
    try {
      const found = await readEach(
        entries,
        { ...options, decoder: largeInTurn(options.decoder) },
        reporter,
      );
      const reading: Reading = {
        task,
        pictures: found.flatMap(({ picture }) => picture ?? []),
        texts: found.flatMap(({ text }) => text ?? []),
        tables: found.flatMap(({ table }) => table ?? []),
        leftOut: [...leftOut, ...found.flatMap((one) => one.leftOut ?? [])],
        notes: found.flatMap((one) => one.notes ?? []),
        hidden,
      };
      return arrange(reading, noChoices);
    } finally {
      reporter.end();
    }
  }
}

/** Rejects as soon as the signal says so, whatever is still under way. */
function cancellation(signal: AbortSignal | undefined) {
  let release = () => {};
  const promise = new Promise<never>((_, reject) => {
    const cancel = () =>
      reject(new TandemError("cancelled", "Reading was cancelled; nothing was kept."));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    release = () => signal?.removeEventListener("abort", cancel);
  });
  return { promise, release };
}

/**
 * All files, those of zips in place of them, in the order of their paths. Of several sources each zip is
 * a folder of its own: their files may have the same names.
 */
async function listed(files: readonly SourceFile[], signal: AbortSignal | undefined) {
  const entries = new Map<string, SourceFile>();
  const leftOut: LeftOut[] = [];
  let hidden = 0;
  const add = (file: SourceFile, around = "") => {
    if (isHidden(file.path)) {
      hidden++;
      return;
    }
    const inside = cleanPath(file.path);
    if (typeof inside !== "string") {
      leftOut.push(inside);
      return;
    }
    const path = around + inside;
    if (entries.has(path)) leftOut.push({ path, code: "duplicate", sentence: sameName });
    else if (entries.size < limits.files) entries.set(path, { ...file, path });
    else leftOut.push({ path, code: "too-many", sentence: tooMany });
  };
  for (const file of files) {
    signal?.throwIfAborted();
    const { slice, path } = file;
    const isOpened = slice && !isHidden(path) && (await beginsAsZip(file));
    if (!isOpened) add(file);
    else {
      const opened = await openZip({ ...file, slice });
      const around = files.length > 1 ? `${stemOf(nameOf(path))}/` : "";
      for (const entry of opened.files) add(entry, around);
      leftOut.push(...opened.leftOut.filter((one) => !isHidden(one.path)));
    }
  }
  const order = new Intl.Collator("en", { numeric: true });
  return {
    entries: Array.from(entries.values()).sort((a, b) => order.compare(a.path, b.path)),
    leftOut,
    hidden,
  };
}

const sameName = "Another file has the same path: rename it, or bring them in folders.";
const tooMany = `There are more than ${limits.files} files: bring fewer at a time.`;

/** Zips have many endings; what is named as picture or table is looked at when its turn comes. */
async function beginsAsZip(file: SourceFile): Promise<boolean> {
  if (isTable(file.path) || /\.(txt|jpe?g|png|gif|webp|bmp|avif|heic)$/i.test(file.path))
    return false;
  for await (const chunk of file.chunks()) return isZip(chunk);
  return false;
}

async function readEach(
  entries: readonly SourceFile[],
  options: ReadOptions,
  reporter: Reporter,
): Promise<readonly Found[]> {
  const { signal, features } = options;
  const match = createClassMatcher(options.task.classes);
  const found: Found[] = [];
  const most = mostPictures(options.task);
  let pictures = 0;
  let next = 0;
  const lane = async () => {
    while (next < entries.length) {
      signal?.throwIfAborted();
      const i = next++;
      const { atSide, ...read } = await readOne(entries[i], options, match);
      if (read.picture && ++pictures > most)
        found[i] = out(entries[i].path, "too-many", tooManyPictures(most));
      else if (read.picture && atSide && features)
        found[i] = {
          ...read,
          picture: { ...read.picture, features: await features.of(atSide, signal) },
        };
      else found[i] = read;
      const { picture, text, table } = found[i];
      reporter.done(entries[i].size, (picture ?? text ?? table) !== undefined);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return found;
}

const tooManyPictures = (most: number) =>
  `A browser can keep ${plural(most, "picture")} for this study, and there are more: bring fewer.`;

/** That a browser can keep, with what a backbone makes of them. */
const mostPictures = ({ pictures: { size }, backbone }: IntakeTask) =>
  Math.floor(
    Math.min(
      ownBounds.pictures / (3 * size ** 2),
      backbone ? ownBounds.features / (4 * backbone.features) : Number.POSITIVE_INFINITY,
    ),
  );

async function readOne(
  file: SourceFile,
  { task, decoder, features }: ReadOptions,
  match: (name: string) => ClassMatch | undefined,
): Promise<Found> {
  const { path } = file;
  try {
    if (isTable(path)) return await tableOf(file, match);
    const asked = wanted(task);
    if (endingOf(path) === "txt")
      return asked.texts ? await textOf(file) : out(path, "not-asked", picturesOnly);
    if (!asked.pictures) return out(path, "not-asked", textsOnly);
    const read = await readPicture(file, task.pictures, decoder, features?.size);
    if ("leftOut" in read) return { leftOut: [read.leftOut] };
    const { picture, note, atSide } = read;
    return { picture, ...(atSide && { atSide }), ...(note && { notes: [note] }) };
  } catch (error) {
    const isCorrupt = codeOf(error) === "corrupt";
    return out(
      path,
      isCorrupt ? "corrupt" : "undecodable",
      `It cannot be read: ${messageOf(error)}.`,
    );
  }
}

const picturesOnly = "This study takes pictures, and no texts.";
const textsOnly = "This study takes texts, and no pictures.";

const out = (path: string, code: LeftOut["code"], sentence: string): Found => ({
  leftOut: [{ path, code, sentence }],
});

async function tableOf(
  file: SourceFile,
  match: (name: string) => ClassMatch | undefined,
): Promise<Found> {
  const { path, size } = file;
  if (size > limits.tableBytes) {
    const most = formatBytes(limits.tableBytes);
    return out(path, "too-large", `It has ${formatBytes(size)}, at most ${most}: split it.`);
  }
  const { table, leftOut, notes } = await readTable(file, match);
  return {
    ...(table && { table }),
    ...(leftOut.length > 0 && { leftOut }),
    notes,
  };
}

async function textOf(file: SourceFile): Promise<Found> {
  const { path, size } = file;
  if (size > limits.textBytes) {
    const most = formatBytes(limits.textBytes);
    return out(path, "too-large", `It has ${formatBytes(size)}, at most ${most}: shorten it.`);
  }
  const { all = new Uint8Array(0) } = await bytesOf(file);
  const { text, isLatin1 } = decoded(all);
  if (text.trim() === "") return out(path, "empty", "It has no text.");
  if (text.length > limits.text)
    return out(
      path,
      "too-large",
      `It has ${plural(text.length, "character")}, at most ${limits.text}: shorten it.`,
    );
  if (!isText(text)) return out(path, "kind", "It is no text, whatever its name says.");
  return { text: { path, text }, ...(isLatin1 && { notes: [{ path, sentence: latin1 }] }) };
}

function decoded(bytes: Uint8Array) {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    return { text, isLatin1: false };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), isLatin1: true };
  }
}

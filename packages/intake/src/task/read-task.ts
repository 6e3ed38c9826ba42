import type { LabelledSet } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import { formatBytes, plural } from "@tandem/core/format";
import { withoutMasked } from "@tandem/core/presence";
import type { Task } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";
import { parseTask } from "@tandem/protocol/task";
import { bytesOf, isHidden, type SlicedFile, type SourceFile } from "../files/source-file";
import { openZip } from "../files/zip";
import type { LeftOut, Sample } from "../intake";
import type { PictureDecoder } from "../pictures/decoder";
import { type ReadOptions, readSources } from "../read-sources";

/** The sets of a task, by their folders. */
export const setFolders = ["public", "test"] as const;
export type SetFolder = (typeof setFolders)[number];

/** Of the pictures of a set; what participants download is smaller. */
export const mostPixels: Readonly<Record<SetFolder, number>> = { public: 2 ** 24, test: 2 ** 22 };
/** Of a task's zip, before anything of it is unpacked. */
export const zipLimits = { files: 40_000, bytes: 2 ** 29, ratio: 100 } as const;
const definitionBytes = 2 ** 18;
export const definitionName = "task.json";

export type SetRead = { readonly set: LabelledSet; readonly leftOut: readonly LeftOut[] };
export type TaskRead = {
  readonly task: Task;
  readonly sets: { readonly [folder in SetFolder]?: LabelledSet };
  readonly leftOut: readonly LeftOut[];
};
export type Listing = {
  readonly files: readonly SourceFile[];
  readonly leftOut: readonly LeftOut[];
};

/** The files of a zip within the bounds; throws `bad-data` or `too-large` before one is unpacked. */
export async function openTaskZip(zip: SlicedFile): Promise<Listing> {
  const { files, leftOut } = await openZip(zip);
  const unreadable = leftOut.find(({ path }) => path === zip.path);
  if (unreadable) throw new TandemError("bad-data", unreadable.sentence);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const tooLarge = (what: string) => {
    throw new TandemError(
      "too-large",
      `the zip holds ${what}: split it, or bring smaller pictures`,
    );
  };
  if (files.length > zipLimits.files)
    tooLarge(`${plural(files.length, "file")}, at most ${zipLimits.files}`);
  if (size > zipLimits.bytes)
    tooLarge(`${formatBytes(size)} when unpacked, at most ${formatBytes(zipLimits.bytes)}`);
  if (size > zipLimits.ratio * Math.max(zip.size, 2 ** 16))
    tooLarge(`${Math.round(size / zip.size)} times its size, at most ${zipLimits.ratio}`);
  return { files, leftOut };
}

/**
 * The samples of one set: pictures in folders of classes, texts in metadata.csv or .jsonl (`file_name`,
 * `text`, and `label` where folders do not say it). Rows come by class, pictures before texts alone, in
 * the order of their paths. Throws `bad-data` where there is none, `too-large` for too many.
 */
export async function readSet(
  { files, leftOut }: Listing,
  folder: SetFolder,
  { task, ...reading }: Omit<ReadOptions, "task"> & { readonly task: Task },
): Promise<SetRead> {
  const intake = await readSources(files, { task, ...reading });
  const { size } = task.pictures;
  const samples = inOrder(intake.samples.filter(isLabelled));
  const most = Math.floor(mostPixels[folder] / size ** 2);
  if (samples.length > most)
    throw new TandemError(
      "too-large",
      `${folder}: ${plural(samples.length, "sample")}, and ${most} of ${size} x ${size} pixels are the most: bring fewer`,
    );
  const all = [
    ...leftOut,
    ...intake.leftOut,
    ...intake.samples.filter((sample) => !isLabelled(sample)).map(withoutClass(task)),
  ];
  if (samples.length === 0) throw new TandemError("bad-data", `${folder}: ${nothing(all)}`);
  return { set: setOf(samples, task), leftOut: all };
}

const nothing = ([first]: readonly LeftOut[]) =>
  first
    ? `none of the files is a sample; of the first, ${first.path}: ${first.sentence}`
    : "there is no file: put pictures into a folder for each class";

type LabelledSample = Sample & { readonly label: number };
const isLabelled = (sample: Sample): sample is LabelledSample => sample.label !== undefined;

const withoutClass =
  ({ classes }: Pick<Task, "classes">) =>
  ({ from }: Sample): LeftOut => ({
    path: from,
    code: "unknown-class",
    sentence: `Neither its folder nor a column "label" names one of the classes: ${classes.map(({ name }) => name).join(", ")}.`,
  });

const inOrder = (samples: readonly LabelledSample[]) =>
  samples.toSorted(
    (a, b) =>
      a.label - b.label || Number(b.picture !== undefined) - Number(a.picture !== undefined),
  );

/** What no sample has is left out; what some lack is masked. */
function setOf(samples: readonly LabelledSample[], { pictures: { size } }: Task): LabelledSet {
  const length = size * size * 3;
  const has = (part: "picture" | "caption") =>
    Uint8Array.from(samples, (sample) => Number(sample[part] !== undefined));
  const [image, text] = [has("picture"), has("caption")];
  const pixels = new Uint8Array(samples.length * length);
  for (const [row, { picture }] of samples.entries())
    if (picture) pixels.set(picture, row * length);
  const whole: LabelledSet = {
    size: samples.length,
    labels: Int32Array.from(samples, ({ label }) => label),
    ...(image.includes(1) && { images: u8([samples.length, size, size, 3], pixels) }),
    ...(text.includes(1) && { captions: samples.map(({ caption = "" }) => caption) }),
  };
  return whole.images && whole.captions ? withoutMasked(whole, { image, text }) : whole;
}

/** The files of the set's folder; where there is none, all that are of no other part of a task. */
export function filesOfSet(listing: Listing, folder: SetFolder): Listing {
  const parts = partsOf(listing);
  const isWhole = parts.public.length + parts.test.length > 0 || parts.definition;
  if (!isWhole) return listing;
  const others = [
    ...parts.others,
    ...setFolders.flatMap((one) => (one === folder ? [] : parts[one])),
  ];
  const sentence = `It is of another part of the task than ${folder}: bring it by itself.`;
  return {
    files: parts[folder],
    leftOut: [
      ...listing.leftOut,
      ...others.map(({ path }): LeftOut => ({ path, code: "not-asked", sentence })),
    ],
  };
}

/** A whole task: task.json, public/ and test/, where they are. Throws `bad-data` as `readSet`, or naming the field. */
export async function readTask(listing: Listing, decoder: PictureDecoder): Promise<TaskRead> {
  const { definition, others, ...folders } = partsOf(listing);
  if (!definition)
    throw new TandemError("bad-data", `there is no ${definitionName}: bring what was exported`);
  const task = await definitionOf(definition);
  const sentence = `It is neither ${definitionName} nor in public/ or test/.`;
  const leftOut: LeftOut[] = [
    ...listing.leftOut,
    ...others.map(({ path }): LeftOut => ({ path, code: "not-asked", sentence })),
  ];
  const sets: { [folder in SetFolder]?: LabelledSet } = {};
  for (const folder of setFolders) {
    if (folders[folder].length === 0) continue;
    const read = await readSet({ files: folders[folder], leftOut: [] }, folder, { task, decoder });
    sets[folder] = read.set;
    leftOut.push(...read.leftOut.map((one) => ({ ...one, path: `${folder}/${one.path}` })));
  }
  return { task, sets, leftOut };
}

/** The parts of a task's folder, which may lie in a folder of their own; paths begin below them. */
export function partsOf({ files }: Pick<Listing, "files">) {
  const seen = files.filter(({ path }) => !isHidden(path));
  const around = commonFolder(seen.map(({ path }) => path));
  const parts = {
    public: [] as SourceFile[],
    test: [] as SourceFile[],
    others: [] as SourceFile[],
  };
  let definition: SourceFile | undefined;
  for (const file of seen) {
    const path = file.path.slice(around.length);
    const folder = setFolders.find((name) => path.startsWith(`${name}/`));
    if (path === definitionName) definition = file;
    else if (folder) parts[folder].push({ ...file, path: path.slice(folder.length + 1) });
    else parts.others.push(file);
  }
  return { ...parts, definition };
}

/** The one folder that all lie in, with its slash, unless it is a set's; else "". */
function commonFolder(paths: readonly string[]): string {
  const [first] = paths.map((path) => path.slice(0, path.indexOf("/") + 1));
  const isSet = setFolders.some((name) => first === `${name}/`);
  return first && !isSet && paths.every((path) => path.startsWith(first)) ? first : "";
}

async function definitionOf(file: SourceFile): Promise<Task> {
  const bad = (what: string, cause?: unknown) =>
    new TandemError("bad-data", `${definitionName}: ${what}`, { cause });
  if (file.size > definitionBytes)
    throw bad(`${formatBytes(file.size)}, at most ${formatBytes(definitionBytes)}`);
  const { all } = await bytesOf(file);
  let fields: unknown;
  try {
    fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(all));
  } catch (cause) {
    throw bad(`is not JSON in UTF-8: ${messageOf(cause)}`, cause);
  }
  try {
    return parseTask(fields);
  } catch (cause) {
    throw bad(messageOf(cause), cause);
  }
}

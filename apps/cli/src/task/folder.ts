import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { ClientModality } from "@tandem/core/data";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import type { Task, TaskTeacher } from "@tandem/core/task";
import { filesAt } from "@tandem/intake/files/node-files";
import { type SlicedFile, type SourceFile, slicedFile } from "@tandem/intake/files/source-file";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import {
  definitionName,
  type Listing,
  openTaskZip,
  partsOf,
  readTask,
  setFolders,
  type TaskRead,
} from "@tandem/intake/task/read-task";
import { parseTask, requireLicence } from "@tandem/protocol/task";
import { checkTeacher } from "@tandem/teacher/task-teacher";

/** What is typed where there is no task.json. */
export type Defaults = {
  readonly name?: string;
  readonly size?: number;
  readonly modalities?: readonly string[];
  readonly teacher?: TaskTeacher;
  readonly licence?: string;
};
/** `made`: how the definition came about; absent where the folder has one. */
export type TaskAt = TaskRead & { readonly made?: string };

/**
 * A task as docs/tasks.md has it: a folder, or its zip. Without a task.json it is made of the folders of
 * classes. Throws `not-found`, `bad-config` or `bad-data`, with the path.
 */
export async function readTaskAt(path: string, defaults: Defaults = {}): Promise<TaskAt> {
  try {
    const listing = await listingAt(path);
    const parts = partsOf(listing);
    if (!parts.definition) return await madeOf(path, parts, defaults);
    const given = Object.keys(defaults);
    if (given.length > 0) {
      const options = given.map((name) => `--${name}`).join(", ");
      throw new TandemError(
        "bad-config",
        `${options} cannot change a task that has a ${definitionName}: write it there`,
      );
    }
    return await checked(await readTask(listing, nodeDecoder));
  } catch (error) {
    throw about(path, error);
  }
}

/** The error with what it is about. */
export const about = (path: string, error: unknown): unknown => {
  const code = codeOf(error);
  return code ? new TandemError(code, `${path}: ${messageOf(error)}`, { cause: error }) : error;
};

async function listingAt(path: string): Promise<Listing> {
  const files = await filesOf(path);
  if ((await stat(path)).isDirectory()) return { files, leftOut: [] };
  const [zip] = files;
  return openTaskZip(zip);
}

/** All files below a folder, or the one; throws `not-found` for a path that is none. */
export async function filesOf(path: string): Promise<readonly SlicedFile[]> {
  return filesAt(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file or folder" : cause.message;
    throw new TandemError("not-found", `${why}: correct the path`, { cause });
  });
}

/** What the server would refuse; whether a folder or an API is there only the server knows. */
async function checked(read: TaskRead): Promise<TaskRead> {
  const { task, sets } = read;
  requireLicence(task, sets.public !== undefined);
  if (task.teacher.kind === "shipped") await checkTeacher(task, process.env);
  return read;
}

type Parts = ReturnType<typeof partsOf>;

/** Pictures beside no public/ or test/ are the public set if there is a licence, and only name classes if not. */
async function madeOf(path: string, parts: Parts, defaults: Defaults): Promise<TaskAt> {
  const { licence = "" } = defaults;
  const isSorted = parts.public.length + parts.test.length > 0;
  const pictures = isSorted ? setFolders.flatMap((folder) => parts[folder]) : parts.others;
  const task = definitionFor(path, pictures, defaults);
  const isSent = licence !== "";
  if (parts.public.length > 0 && !isSent)
    throw new TandemError(
      "bad-config",
      "public: say under which terms these pictures may be used: --licence, such as CC-BY-4.0",
    );
  const within = (folder: string, files: readonly SourceFile[]) =>
    files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
  const bytes = new TextEncoder().encode(JSON.stringify(task));
  const definition = slicedFile(definitionName, bytes.length, async (from, to) =>
    bytes.slice(from, to),
  );
  const sorted = [...within("public", parts.public), ...within("test", parts.test)];
  const others = isSent ? within("public", parts.others) : [];
  const files = [definition, ...(isSorted ? [...sorted, ...parts.others] : others)];
  const read = await checked(await readTask({ files, leftOut: [] }, nodeDecoder));
  const names = read.task.classes.map(({ name }) => name).join(", ");
  const kept =
    isSorted || isSent
      ? ""
      : " The pictures only name the classes; with --licence TERMS they are the public set.";
  const { pictures: format, modalities, teacher } = read.task;
  return {
    ...read,
    made: `There is no ${definitionName}: “${read.task.name}” has the classes of the folders (${names}), ${format.size} x ${format.size} pixels, ${modalities.join(", ")}, teacher ${teacher.kind}.${kept}`,
  };
}

/** Of folders such as `train`. */
const splits = /^(train|training|val|valid|validation|dev)$/i;

function definitionFor(path: string, files: readonly SourceFile[], defaults: Defaults): Task {
  const {
    name = basename(resolve(path)).replace(/\.zip$/i, ""),
    size,
    modalities,
    teacher,
    licence,
  } = defaults;
  const folders = files.flatMap((file) => (file.path.includes("/") ? file.path.split("/")[0] : []));
  const classes = [...new Set(folders)].sort();
  const split = classes.find((one) => splits.test(one));
  if (split !== undefined)
    throw new TandemError(
      "bad-config",
      `"${split}" is a part of a data set, not a class: name such folders public and test, or give the one inside`,
    );
  if (classes.length < 2)
    throw new TandemError(
      "bad-config",
      `there is no ${definitionName}, and ${classes.length === 0 ? "no folder of a class" : `only the folder "${classes[0]}"`}: write one, or put pictures into a folder for each of 2 classes or more`,
    );
  const hasTexts = files.some((file) => /\.(csv|tsv|jsonl|txt)$/i.test(file.path));
  const kinds: readonly ClientModality[] = hasTexts ? ["image", "text", "image-text"] : ["image"];
  return parseTask({
    name,
    classes: classes.map((one) => ({ name: one })),
    modalities: modalities ?? kinds,
    ...(size !== undefined && { pictures: { size } }),
    ...(teacher && { teacher }),
    ...(licence !== undefined && { publicLicence: licence }),
  });
}

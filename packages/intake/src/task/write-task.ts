import type { LabelledSet } from "@tandem/core/data";
import { isPresent } from "@tandem/core/presence";
import type { Task } from "@tandem/core/task";
import { parseTask } from "@tandem/protocol/task";
import { encode } from "fast-png";
import { strToU8, type Zippable, zipSync } from "fflate";
import { definitionName, type SetFolder, setFolders } from "./read-task";

/**
 * A task as one file, in the layout of Hugging Face's `imagefolder`: task.json, and of each set pictures
 * in folders of classes, metadata.csv with their texts, texts.csv with texts alone. What reads it gets the
 * same sets, and the same task always gives the same bytes.
 */
export function taskZip(
  task: Task,
  sets: { readonly [folder in SetFolder]?: LabelledSet | undefined },
): Uint8Array {
  // Parsed for its order of fields: a database has its own.
  const definition = JSON.stringify(parseTask(task), null, 2);
  const files: Zippable = { [definitionName]: strToU8(`${definition}\n`) };
  for (const folder of setFolders) {
    const set = sets[folder];
    if (set) addSet(files, folder, set, task);
  }
  // PNG hardly shrinks, and a stored file is as large as it looks.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0) }); // the first that zip can tell
}

function addSet(files: Zippable, folder: SetFolder, set: LabelledSet, { classes }: Task): void {
  const captioned: string[] = [];
  const texts: string[] = [];
  const digits = String(set.size).length;
  for (const [row, label] of set.labels.entries()) {
    const { name } = classes[label];
    const caption = isPresent(set, "text", row) ? (set.captions?.[row] ?? "") : "";
    if (!isPresent(set, "image", row)) {
      texts.push(`${quoted(caption)},${quoted(name)}\n`);
      continue;
    }
    const path = `${name}/${String(row + 1).padStart(digits, "0")}.png`;
    files[`${folder}/${path}`] = pngOf(set, row);
    if (caption !== "") captioned.push(`${quoted(path)},${quoted(caption)}\n`);
  }
  const table = (name: string, header: string, lines: readonly string[]) => {
    if (lines.length > 0) files[`${folder}/${name}`] = strToU8(`${header}\n${lines.join("")}`);
  };
  table("metadata.csv", "file_name,text", captioned);
  table("texts.csv", "text,label", texts);
}

function pngOf({ images }: LabelledSet, row: number): Uint8Array {
  if (!images) throw new Error("a sample with a picture is of a set with pictures");
  const [, height, width] = images.shape;
  const stride = height * width * 3;
  const data = images.data.subarray(row * stride, (row + 1) * stride);
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/** RFC 4180. */
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

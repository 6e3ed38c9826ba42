import type { TaskClass } from "@tandem/core/task";
import type { PickedFile } from "@tandem/intake/files/browser-files";

export type MadeHere = {
  readonly files: readonly PickedFile[];
  readonly folders: ReadonlyMap<string, number>;
};

let made = 0;

/** Pictures or captions that were taken, pasted or typed on the page: files in a folder of their class. */
export function madeHere(
  how: "Camera" | "Pasted" | "Typed",
  parts: readonly (Blob | string)[],
  classes: readonly TaskClass[],
  /** Absent: to be chosen afterwards. */
  label: number | undefined,
): MadeHere {
  const folder = label === undefined ? how : `${how}/${classes[label].name}`;
  const files = parts.map((part) => {
    const ending = typeof part === "string" ? "txt" : endings[part.type];
    const name = `${++made}${ending ? `.${ending}` : ""}`;
    const file = new File([part], name);
    return { path: `${folder}/${name}`, file };
  });
  return { files, folders: new Map(label === undefined ? [] : [[folder, label]]) };
}

/** The reader looks at the bytes; the name is for people. */
const endings: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
};

/** Captions, one a line. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

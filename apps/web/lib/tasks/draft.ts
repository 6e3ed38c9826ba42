import type { ClientModality } from "@tandem/core/data";
import { decimal } from "@tandem/core/decimal";
import type { PictureFormat, TaskTeacher } from "@tandem/core/task";

/** A class as it is typed: words with commas between them. */
export type DraftClass = { readonly name: string; readonly words: string };

/** A task as its form holds it: texts as they are typed, so that nothing is lost on the way. */
export type Draft = {
  readonly name: string;
  readonly description: string;
  readonly organiser: string;
  readonly contact: string;
  readonly classes: readonly DraftClass[];
  readonly modalities: readonly ClientModality[];
  readonly size: PictureFormat["size"];
  readonly colour: boolean;
  readonly background: string;
  readonly leastOfAll: string;
  readonly leastOfClass: string;
  readonly licence: string;
  readonly prompts: "words" | "captions";
  /** Lists of attributes as they are typed, such as "red, green". */
  readonly attributes: readonly string[];
  readonly teacher: Exclude<TaskTeacher["kind"], "trained">;
  readonly checkpoint: string;
  readonly folder: string;
};

const noClass: DraftClass = { name: "", words: "" };

export const emptyDraft: Draft = {
  name: "",
  description: "",
  organiser: "",
  contact: "",
  classes: [noClass, noClass],
  modalities: ["image", "text", "image-text"],
  size: 32,
  colour: true,
  background: "255",
  leastOfAll: "10",
  leastOfClass: "2",
  licence: "",
  prompts: "words",
  attributes: [],
  teacher: "none",
  checkpoint: "",
  folder: "",
};

const isBlank = ({ name, words }: DraftClass) => `${name}${words}`.trim() === "";

/** Rows of the form that are classes: an empty row is none. */
export const writtenRows = ({ classes }: Pick<Draft, "classes">): readonly number[] =>
  classes.flatMap((one, row) => (isBlank(one) ? [] : [row]));

export const hasPictures = ({ modalities }: Pick<Draft, "modalities">): boolean =>
  modalities.some((one) => one !== "text");

/** The definition as the server takes it, right or wrong. */
export function definitionOf(draft: Draft) {
  const { classes, teacher } = draft;
  const number = (text: string) => decimal(text.trim()) ?? text;
  return {
    name: draft.name,
    description: draft.description,
    organiser: { name: draft.organiser, contact: draft.contact },
    classes: writtenRows(draft).map((row) => ({
      name: classes[row].name,
      words: wordsOf(classes[row].words),
    })),
    modalities: draft.modalities,
    // Without pictures nobody is asked for their background.
    pictures: {
      size: draft.size,
      colour: draft.colour,
      background: hasPictures(draft) ? number(draft.background) : 255,
    },
    least: { participant: number(draft.leastOfAll), class: number(draft.leastOfClass) },
    publicLicence: draft.licence,
    prompts:
      draft.prompts === "captions"
        ? { kind: "captions" }
        : { kind: "words", attributes: listsOf(draft).map(({ words }) => words) },
    teacher: {
      kind: teacher,
      ...(teacher === "shipped" && { checkpoint: draft.checkpoint }),
      ...(teacher === "folder" && { path: draft.folder }),
    },
  };
}

/** Attributes by the row that they are typed in: a row without a word is none. */
export const listsOf = ({ attributes }: Pick<Draft, "attributes">) =>
  attributes
    .map((text, row) => ({ row, words: wordsOf(text) }))
    .filter(({ words }) => words.length > 0);

const wordsOf = (text: string) =>
  text
    .split(/[,;]/)
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** A class a line, "apple: pippin, cox"; words may follow after a comma, a semicolon or a tab too. */
export const classesOfText = (text: string): readonly DraftClass[] =>
  text
    .split(/\r?\n/)
    .map((line) => {
      const [, name = "", words = ""] = /^\s*([^:,;\t]*)[:,;\t]?(.*)$/.exec(line) ?? [];
      return { name: name.trim(), words: words.replaceAll("\t", ", ").trim() };
    })
    .filter((one) => !isBlank(one));

/** Those that are there and those that come, without empty rows, two at least. */
export function withClasses(there: readonly DraftClass[], more: readonly DraftClass[]) {
  const all = [...there, ...more].filter((one) => !isBlank(one));
  return all.length < 2 ? [...all, noClass, noClass].slice(0, 2) : all;
}

export type Kept = {
  readonly draft: Draft;
  readonly step: number;
  readonly reached: number;
  /** Sets whose files had been chosen: a reload loses these. */
  readonly chosen: readonly ("public" | "test")[];
};

const key = "tandem.task-draft";

/** Of this tab; what is of an earlier version of the form is not taken. */
export function keptDraft(): Kept | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
    const isWhole = Object.keys(emptyDraft).every((name) => name in (kept?.draft ?? {}));
    return kept && isWhole ? kept : undefined;
  } catch {
    return undefined; // unreadable, or storage is turned off: a form starts empty
  }
}

export function keepDraft(kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(key, JSON.stringify(kept));
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is turned off or full: the draft lasts as long as the page.
  }
}

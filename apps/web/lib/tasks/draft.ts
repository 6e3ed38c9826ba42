import type { ClientModality } from "@tandem/core/data";
import { decimal } from "@tandem/core/decimal";
import type {
  BackboneReference,
  EncoderReference,
  Normalisation,
  PictureFormat,
  TaskTeacher,
} from "@tandem/core/task";
import type { SetFolder } from "@tandem/intake/task/read-task";
import type { WantedBackbone } from "./backbone-messages";

/** A class as it is typed: words with commas between them. */
export type DraftClass = { readonly name: string; readonly words: string };

export type DraftBackbone = {
  readonly from: "none" | "server" | "address";
  /** All participants train it, as the task's encoder; otherwise it is frozen, and its features are learned from. */
  readonly isTrained?: boolean;
  /** The folder's of this server, or what is typed. */
  readonly url: string;
  readonly address: string;
  readonly layer: string;
  readonly normalisation: Normalisation;
  readonly size: string;
  /** What a check has found, perhaps of what was written before. */
  readonly checked?: BackboneReference | EncoderReference;
  /** Of the files that were checked. */
  readonly bytes?: number;
};

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
  readonly backbone: DraftBackbone;
  readonly licence: string;
  readonly prompts: "words" | "captions";
  /** Lists of attributes as they are typed, such as "red, green". */
  readonly attributes: readonly string[];
  readonly teacher: TaskTeacher["kind"];
  readonly checkpoint: string;
  readonly folder: string;
  /** Sets that a task on the server has, and that stay unless others are chosen in their place. */
  readonly keeps: readonly SetFolder[];
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
  backbone: { from: "none", url: "", address: "", layer: "", normalisation: "0..1", size: "" },
  licence: "",
  prompts: "words",
  attributes: [],
  teacher: "none",
  checkpoint: "",
  folder: "",
  keeps: [],
};

const isBlank = ({ name, words }: DraftClass) => `${name}${words}`.trim() === "";

/** Rows of the form that are classes: an empty row is none. */
export const writtenRows = ({ classes }: Pick<Draft, "classes">): readonly number[] =>
  classes.flatMap((one, row) => (isBlank(one) ? [] : [row]));

export const hasPictures = ({ modalities }: Pick<Draft, "modalities">): boolean =>
  modalities.some((one) => one !== "text");

/** What is to be checked; undefined: models read the pictures. */
export function wantedBackbone(draft: Draft): WantedBackbone | undefined {
  const { from, isTrained = false, url, address, layer, normalisation, size } = draft.backbone;
  if (from === "none" || !hasPictures(draft)) return undefined;
  const side = decimal(size.trim());
  return {
    isTrained,
    url: from === "server" ? url : address.trim(),
    ...(layer.trim() !== "" && { layer: layer.trim() }),
    normalisation,
    ...(side !== undefined && { size: side }),
  };
}

/** What was checked, if it is what is written now. */
export function checkedBackbone(draft: Draft): DraftBackbone["checked"] {
  const wanted = wantedBackbone(draft);
  const { checked } = draft.backbone;
  const isThis =
    (checked && "parameters" in checked) === wanted?.isTrained &&
    checked?.url === wanted?.url &&
    checked?.layer === wanted?.layer &&
    checked?.normalisation === wanted?.normalisation &&
    (wanted?.size === undefined || checked?.size === wanted.size);
  return isThis ? checked : undefined;
}

/** The definition as the server takes it, right or wrong. */
export function definitionOf(draft: Draft) {
  const { classes, teacher } = draft;
  const model = checkedBackbone(draft);
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
    ...(model && ("parameters" in model ? { encoder: model } : { backbone: model })),
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

/** Between commas or semicolons; a word that has one stands in double quotes. */
const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*(?=[,;]|$)|([^,;]+))/g)]
    .map(([, quoted, plain = ""]) => (quoted?.replaceAll('""', '"') ?? plain).trim())
    .filter((word) => word !== "");

/** As they would be typed. */
export const textOfWords = (words: readonly string[]): string =>
  words.map((word) => (/[,;]|^"/.test(word) ? `"${word.replaceAll('"', '""')}"` : word)).join(", ");

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
  /** The task that the form began with, as it was. */
  readonly of: string;
  readonly step: number;
  readonly reached: number;
  /** Sets whose files had been chosen: a reload loses these. */
  readonly chosen: readonly SetFolder[];
};

/** Of this tab; what is of an earlier version of the form or the task is not taken. */
export function keptDraft(key: string, of: string): Kept | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
    const isWhole = Object.keys(emptyDraft).every((name) => name in (kept?.draft ?? {}));
    return kept?.of === of && isWhole ? kept : undefined;
  } catch {
    return undefined; // unreadable, or storage is turned off: a form starts as it would
  }
}

export function keepDraft(key: string, kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(key, JSON.stringify(kept));
    else sessionStorage.removeItem(key);
  } catch {
    // Storage is turned off or full: the draft lasts as long as the page.
  }
}

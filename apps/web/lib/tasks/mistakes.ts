import { asSentence } from "@tandem/core/format";
import type { Task } from "@tandem/core/task";
import { issuesOfTask, type TaskIssue } from "@tandem/protocol/task";
import type { TeachersView } from "@tandem/protocol/view";
import {
  checkedBackbone,
  type Draft,
  definitionOf,
  listsOf,
  wantedBackbone,
  writtenRows,
} from "./draft";

/** The screens of the form, and the first parts of the paths that each asks for. */
export const steps = [
  { title: "About", fields: ["name", "description", "organiser"] },
  { title: "Classes", fields: ["classes"] },
  { title: "Samples", fields: ["modalities", "pictures", "least"] },
  { title: "Models", fields: ["backbone", "encoder"] },
  { title: "Server's data", fields: ["publicLicence", "public", "test"] },
  { title: "Teacher", fields: ["teacher", "prompts"] },
  { title: "Look over", fields: [] },
] as const;
export const lastStep = steps.length - 1;

/** Sentences by the field's path in the definition, rows of classes counted as in the form. */
export type Mistakes = Readonly<Record<string, string>>;

export const stepOf = (path: string): number =>
  steps.findIndex(({ fields }) => (fields as readonly string[]).includes(path.split(".")[0]));

export const mistakesOfStep = (mistakes: Mistakes, step: number): Mistakes =>
  Object.fromEntries(Object.entries(mistakes).filter(([path]) => stepOf(path) === step));

/** All that is wrong with a draft, each beside its field. */
export function mistakesOf(
  draft: Draft,
  around: {
    readonly hasPublicSet: boolean;
    /** Of the public set. */
    readonly hasPictures: boolean;
    readonly hasCaptions: boolean;
    readonly teachers: TeachersView;
  },
): Mistakes {
  const found: Record<string, string> = {};
  for (const issue of issuesOfTask(definitionOf(draft))) {
    const path = fieldOf(issue.path.map(String), draft);
    // Which base is chosen is said below, in words.
    if (path !== "teacher.checkpoint") found[path] ??= sentenceOf(path, issue);
  }
  if (around.hasPublicSet && draft.licence.trim() === "")
    found.publicLicence =
      "Say under which terms the public set may be used, such as CC-BY-4.0, or take its files away.";
  if (draft.teacher !== "none" && draft.prompts === "captions" && !around.hasCaptions)
    found.prompts = "There are no captions in a public set: ask for the classes' words.";
  if (wantedBackbone(draft) && !checkedBackbone(draft))
    found.backbone = "Check the model first, or let models learn from the pictures.";
  const fault = faultOfTeacher(draft, around);
  if (fault !== undefined) found.teacher = fault;
  return found;
}

/** Of the definition's path, with rows counted as in the form. */
function fieldOf(path: readonly string[], draft: Draft): string {
  const [first, second, third] = path;
  if (first === "classes" && second !== undefined)
    return ["classes", writtenRows(draft)[Number(second)], third].join(".");
  if (second === "attributes" && third !== undefined)
    return [first, second, listsOf(draft)[Number(third)].row].join(".");
  return path.slice(0, 2).join(".");
}

const missing: Readonly<Record<string, string>> = {
  name: "Enter a name.",
  "teacher.path": "Enter the folder's path on the server.",
};

function sentenceOf(path: string, { origin, minimum, maximum, message }: TaskIssue): string {
  if (path === "modalities" && minimum !== undefined) return "Choose at least one.";
  if (path === "classes" && minimum !== undefined)
    return `A study has at least ${minimum} classes: enter another.`;
  if (path === "classes" && maximum !== undefined) return `At most ${maximum} classes.`;
  if (origin === "string" && minimum !== undefined)
    return missing[path] ?? (path.endsWith(".name") ? "Enter the name of the class." : "Enter it.");
  if (origin === "string") return `Shorten to at most ${maximum} characters.`;
  if (origin === "array") return `At most ${maximum}, separated by commas.`;
  if (minimum !== undefined) return `Must be at least ${minimum}.`;
  if (maximum !== undefined) return `Must be at most ${maximum}.`;
  if (/expected (int|number)/.test(message)) return "Enter a whole number.";
  return asSentence(message);
}

/** Why a base cannot paint for pictures of this size. */
export const whyNotBase = (
  { size: [height, width] }: TeachersView["shipped"][number],
  { size }: Pick<Task["pictures"], "size">,
): string | undefined =>
  height === size && width === size
    ? undefined
    : `It paints ${area(height, width)} pixels, and this study's pictures have ${area(size, size)}.`;

/** In one line. */
const area = (height: number, width: number) => `${height}\u00a0×\u00a0${width}`;

function faultOfTeacher(
  draft: Draft,
  {
    hasPictures,
    teachers: { shipped, remote },
  }: { readonly hasPictures: boolean; readonly teachers: TeachersView },
): string | undefined {
  if (draft.teacher === "trained" && !hasPictures)
    return "A base is trained from public pictures, and there are none: go back a step to add some.";
  if (draft.teacher === "remote" && !remote) return noRemote;
  if (draft.teacher !== "shipped") return undefined;
  const base = shipped.find(({ name }) => name === draft.checkpoint);
  return base ? whyNotBase(base, draft) : "Choose one of the bases.";
}

export const noRemote =
  "This server knows no images API: whoever runs it sets TANDEM_TEACHER_URL, TANDEM_TEACHER_MODEL and TANDEM_TEACHER_KEY.";

/** A refusal of the server's, beside the field that it names, if it names one. */
export function mistakeOfRefusal(message: string): Mistakes | undefined {
  const [, path, text] = /^(?:task\.json: )?([a-zA-Z]+(?:\.\w+)*): (.+)$/s.exec(message) ?? [];
  if (path === undefined || stepOf(path) < 0) return undefined;
  return { [path]: asSentence(text) };
}

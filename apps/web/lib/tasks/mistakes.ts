import { asSentence } from "@tandem/core/format";
import type { Task } from "@tandem/core/task";
import { issuesOfTask, type TaskIssue } from "@tandem/protocol/task";
import type { TeachersView } from "@tandem/protocol/view";
import { text } from "../../text/task-form";
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
  { title: text.steps[0], fields: ["name", "description", "organiser"] },
  { title: text.steps[1], fields: ["classes"] },
  { title: text.steps[2], fields: ["modalities", "pictures", "least"] },
  { title: text.steps[3], fields: ["backbone", "encoder"] },
  { title: text.steps[4], fields: ["publicLicence", "public", "test"] },
  { title: text.steps[5], fields: ["teacher", "prompts"] },
  { title: text.steps[6], fields: [] },
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
    found.publicLicence = text.mistakes.licence;
  if (draft.teacher !== "none" && draft.prompts === "captions" && !around.hasCaptions)
    found.prompts = text.mistakes.noCaptions;
  if (wantedBackbone(draft) && !checkedBackbone(draft)) found.backbone = text.mistakes.unchecked;
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
  name: text.mistakes.noName,
  "teacher.path": text.mistakes.noPath,
};

function sentenceOf(path: string, { origin, minimum, maximum, message }: TaskIssue): string {
  if (path === "modalities" && minimum !== undefined) return text.mistakes.noKind;
  if (path === "classes" && minimum !== undefined) return text.mistakes.fewClasses(minimum);
  if (path === "classes" && maximum !== undefined) return text.mistakes.manyClasses(maximum);
  if (origin === "string" && minimum !== undefined)
    return (
      missing[path] ?? (path.endsWith(".name") ? text.mistakes.noClassName : text.mistakes.empty)
    );
  if (origin === "string" && maximum !== undefined) return text.mistakes.long(maximum);
  if (origin === "array" && maximum !== undefined) return text.mistakes.many(maximum);
  if (minimum !== undefined) return text.mistakes.small(minimum);
  if (maximum !== undefined) return text.mistakes.large(maximum);
  if (/expected (int|number)/.test(message)) return text.mistakes.noNumber;
  return asSentence(message);
}

/** Why a base cannot paint for pictures of this size. */
export const whyNotBase = (
  { size: [height, width] }: TeachersView["shipped"][number],
  { size }: Pick<Task["pictures"], "size">,
): string | undefined =>
  height === size && width === size
    ? undefined
    : text.mistakes.otherSize(area(height, width), area(size, size));

/** In one line. */
const area = (height: number, width: number) => `${height}\u00a0×\u00a0${width}`;

function faultOfTeacher(
  draft: Draft,
  {
    hasPictures,
    teachers: { shipped, remote },
  }: { readonly hasPictures: boolean; readonly teachers: TeachersView },
): string | undefined {
  if (draft.teacher === "trained" && !hasPictures) return text.mistakes.noPictures;
  if (draft.teacher === "remote" && !remote) return text.mistakes.noRemote;
  if (draft.teacher !== "shipped") return undefined;
  const base = shipped.find(({ name }) => name === draft.checkpoint);
  return base ? whyNotBase(base, draft) : text.mistakes.noBase;
}

/** A refusal of the server's, beside the field that it names, if it names one. */
export function mistakeOfRefusal(message: string): Mistakes | undefined {
  const [, path, reason] = /^(?:task\.json: )?([a-zA-Z]+(?:\.\w+)*): (.+)$/s.exec(message) ?? [];
  if (path === undefined || stepOf(path) < 0) return undefined;
  return { [path]: asSentence(reason) };
}

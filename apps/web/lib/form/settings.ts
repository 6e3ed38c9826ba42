import type { Json } from "@tandem/core/json";
import type { StrategyView } from "@tandem/protocol/view";
import { text } from "../../text/new-experiment";
import { type FormShape, type FormValues, ownFieldsFor } from "./experiment-form";
import { readFields } from "./read-fields";
import { type Field, fieldsOf, initialValues } from "./schema-fields";

/** The screens of the form, in order. */
export const stepNames = ["task", "strategy", "rounds", "advanced", "review"] as const;
export const lastStep = stepNames.length - 1;

const onTask = ["name", "dataset", "alpha"];
const onRounds = ["rounds", "slots", "minClients", "deadlineMs", "admission", "seed"];

const { advanced } = text;
/** Of settings under Advanced; a strategy's others are in a group of its own. */
const groups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  {
    title: advanced.data,
    names: [
      ...["missingClients", "missingSamples", "lateCaptions"],
      ...["task", "benchmark", "mostSamples"],
    ],
  },
  {
    title: advanced.rounds,
    names: ["quorum", "participation", "sampling", "retentionDays"],
  },
  {
    title: advanced.training,
    names: ["localEpochs", "warmUpEpochs", "batchSize", "learningRate", "logitAdjustment"],
  },
  {
    title: advanced.set,
    names: ["items", "samplingSteps", "guidance", "colours", "cachedSets", "catchUp"],
  },
  {
    title: advanced.transfer,
    names: [
      ...["transferEpochs", "distillation", "pseudoLabels"],
      ...["calibration", "gate", "newestSet"],
    ],
  },
  {
    title: advanced.contrast,
    names: ["interModal", "intraModal", "positives", "contrastTemperature"],
  },
  {
    title: advanced.answers,
    names: ["evidence", "robust", "answerPrecision", "trimShare"],
  },
  {
    title: advanced.selection,
    names: ["critics", "candidates", "selection", "evaluationItems"],
  },
  {
    title: advanced.teacher,
    names: ["finetuneSteps", "finetuneBatch", "finetuneRate", "replayShare"],
  },
];

/** One setting of the form: where it is, and what it is by default. */
export type Setting = {
  readonly field: Field;
  /** In the form's values. */
  readonly path: string;
  /** Index of its screen. */
  readonly step: number;
  /** Under Advanced. */
  readonly group: string;
};

const stepOfField = (name: string): number =>
  onTask.includes(name) ? 0 : onRounds.includes(name) ? 2 : 3;

/** Every setting that the form asks for with these choices, in its order. */
export function settingsOf(
  shape: FormShape,
  { strategy, dataset }: { readonly strategy: string; readonly dataset: unknown },
): readonly Setting[] {
  const chosen = shape.strategies.find(({ name }) => name === strategy);
  const own = ownFieldsFor(shape, dataset).map((field) => ({
    ...{ field, path: `experiment.${field.name}` },
    step: stepOfField(field.name),
    group: groupOf(field.name, chosen),
  }));
  const settings = chosen ? fieldsOf(chosen.schema) : [];
  return [
    ...own,
    ...settings.map((field) => ({
      ...{ field, path: `settings.${strategy}.${field.name}` },
      step: 3,
      group: groupOf(field.name, chosen),
    })),
  ];
}

const groupOf = (name: string, strategy: StrategyView | undefined): string =>
  groups.find(({ names }) => names.includes(name))?.title ?? advanced.rest(strategy?.title ?? "");

/** Those of one screen, in the order in which it shows them. */
export function ofStep(settings: readonly Setting[], step: number): readonly Setting[] {
  const order = [...onTask, ...onRounds];
  const place = ({ field }: Setting) => order.indexOf(field.name);
  return settings.filter((one) => one.step === step).sort((a, b) => place(a) - place(b));
}

/** Those of one group under Advanced, in the order in which it shows them. */
export function ofGroup(settings: readonly Setting[], title: string): readonly Setting[] {
  const order = groups.find((group) => group.title === title)?.names ?? [];
  const place = ({ field }: Setting) => order.indexOf(field.name);
  return settings
    .filter(({ step, group }) => step === 3 && group === title)
    .sort((a, b) => place(a) - place(b));
}

/** Titles of the groups under Advanced, in order. */
export function groupsOf(settings: readonly Setting[]): readonly string[] {
  const held = new Set(settings.filter(({ step }) => step === 3).map(({ group }) => group));
  const known = groups.map(({ title }) => title).filter((title) => held.has(title));
  return [...known, ...[...held].filter((title) => !known.includes(title))];
}

/** The screen that a path of the form's values is on. */
export function stepOfPath(path: string): number {
  if (path === "strategy") return 1;
  return path.startsWith("sweep.") ? lastStep : stepOfField(path.replace(/^experiment\./, ""));
}

/** Settings whose label, description or name has all of these words, labels first. */
export function search(settings: readonly Setting[], query: string): readonly Setting[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const textOf = ({ field }: Setting) =>
    `${field.title} ${field.name} ${field.description ?? ""}`.toLowerCase();
  const inLabel = ({ field }: Setting) =>
    words.every((word) => `${field.title} ${field.name}`.toLowerCase().includes(word));
  const found = settings.filter((one) => words.every((word) => textOf(one).includes(word)));
  return [...found.filter(inLabel), ...found.filter((one) => !inLabel(one))];
}

/** What a form's text at `path` stands for; undefined where it stands for nothing, or for the default. */
export function readSetting({ field, path }: Setting, values: FormValues): Json | undefined {
  const raw = rawOf(values, path);
  return readFields([field], { [field.name]: raw }).value[field.name];
}

/** Settings that stand for something else than their default, as read. */
export function changedOf(settings: readonly Setting[], values: FormValues): readonly Setting[] {
  return settings.filter((setting) => {
    const value = readSetting(setting, values);
    return value !== undefined && !isSame(value, defaultOf(setting.field));
  });
}

const isSame = (a: Json | undefined, b: Json | undefined) =>
  JSON.stringify(a) === JSON.stringify(b);

/** As an untouched form sends it. */
function defaultOf(field: Field): Json | undefined {
  return readFields([field], initialValues([field])).value[field.name] ?? field.fallback;
}

export function rawOf(values: FormValues, path: string): FormValues["experiment"][string] {
  const [part, ...rest] = path.split(".");
  if (part === "experiment") return values.experiment[rest[0]];
  return values.settings[rest[0]]?.[rest[1]];
}

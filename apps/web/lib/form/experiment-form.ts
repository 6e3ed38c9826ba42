import type { ExperimentConfig, Reference } from "@tandem/core/experiment";
import { asSentence } from "@tandem/core/format";
import type { Json, JsonObject } from "@tandem/core/json";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { whyUnfit } from "@tandem/strategies/unfit";
import { text } from "../../text/new-experiment";
import { type FieldError, readFields } from "./read-fields";
import { type Field, fieldsOf, initialValues, type RawValues } from "./schema-fields";

export type FormShape = {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strategies: readonly StrategyView[];
  /** What an experiment can be on. */
  readonly tasks: readonly TaskView[];
};
/** What a form can be filled in from; `start`: what it began with. */
export const presetNames = ["start", "quick", "paper", "fleet"] as const;
export type PresetName = (typeof presetNames)[number];

/** Settings of every strategy are kept, so that looking at another one loses nothing. */
export type FormValues = {
  readonly strategy: string;
  readonly experiment: RawValues;
  readonly settings: Readonly<Record<string, RawValues>>;
  /** What the form was filled in from last. */
  readonly preset: PresetName;
  /** Of the experiment that this one is a copy of, until they are left out. */
  readonly references: readonly Reference[];
  readonly sweep: SweepValues;
};

/** What the experiment is to be repeated with, as it is written: nothing makes one experiment. */
export type SweepValues = { readonly rows: readonly SweepRow[]; readonly seeds: string };
/** Values, with commas between them, of the setting at a path of the form's values. */
export type SweepRow = { readonly path: string; readonly values: string };

/** What a form starts with. */
export type FormStart = {
  /** Wins over the schema's default where there is such a one. */
  readonly dataset?: string | undefined;
  /** Of the experiment that is copied. */
  readonly copied?: ExperimentConfig | undefined;
};

/** Strategy and its settings have parts of the form to themselves; references come from programs. */
const others = ["strategy", "strategyConfig", "references"];
/** They say how data is dealt, and where participants bring their own nothing is. */
const ofOwn = ["mostSamples"];
const ofDealing = ["alpha", "missingClients", "missingSamples", "lateCaptions", "benchmark"];

/** The experiment's fields, for dealt data or for own. */
export function ownFields(schema: FormShape["schema"], data: TaskView["data"]): readonly Field[] {
  const fields = allFields(schema);
  if (data === "dealt") return fields.filter(({ name }) => !ofOwn.includes(name));
  return fields
    .filter(({ name }) => !ofDealing.includes(name))
    .map((field) => (field.name === "slots" ? { ...field, ...text.participants } : field));
}
const allFields = (schema: FormShape["schema"]): readonly Field[] =>
  fieldsOf(schema)
    .filter(({ name }) => !others.includes(name))
    .map((field) => (field.name === "dataset" ? { ...field, title: text.task.label } : field));

/** `ownFields` of what is chosen. */
export const ownFieldsFor = ({ schema, tasks }: FormShape, dataset: unknown): readonly Field[] =>
  ownFields(schema, dataOf(tasks, dataset));

export const dataOf = (tasks: FormShape["tasks"], dataset: unknown): TaskView["data"] =>
  tasks.find(({ id }) => id === dataset)?.data ?? "dealt";

/** Why a strategy cannot run on what is chosen, if so. */
export function unfitFor(
  tasks: FormShape["tasks"],
  dataset: unknown,
): (strategy: StrategyView) => string | undefined {
  const task = tasks.find(({ id }) => id === dataset);
  return (strategy) => (task?.data === "own" ? whyUnfit(strategy, task) : undefined);
}

export function startValues(shape: FormShape, { dataset, copied }: FormStart = {}): FormValues {
  const { schema, strategies, tasks } = shape;
  const known = tasks.find(({ id }) => id === (copied?.dataset ?? dataset));
  const fits = strategies.filter((one) => unfitFor(tasks, known?.id)(one) === undefined);
  const wanted =
    copied?.strategy ?? fieldsOf(schema).find(({ name }) => name === "strategy")?.fallback;
  const strategy = fits.find(({ name }) => name === wanted) ?? fits.at(0);
  const given = { ...(copied && copyOf(copied)), ...(known && { dataset: known.id }) };
  return {
    strategy: strategy?.name ?? "",
    experiment: initialValues(allFields(schema), given),
    settings: Object.fromEntries(
      strategies.map(({ name, schema }) => [
        name,
        initialValues(fieldsOf(schema), name === copied?.strategy ? copied.strategyConfig : {}),
      ]),
    ),
    preset: "start",
    references: copied?.references ?? [],
    sweep: { rows: [], seeds: "" },
  };
}

/** The experiment's own settings, under a name of its own that is not too long. */
function copyOf({ references, strategyConfig, ...config }: ExperimentConfig): JsonObject {
  const room = longestName - text.copyOf("").length;
  const name = config.name.replace(copySuffix, "").slice(0, room).trimEnd();
  return { ...config, name: text.copyOf(name) } satisfies Record<string, Json>;
}
const longestName = 80;
/** A copy of a copy is one of the same experiment. */
const copySuffix = / \(copy\)$/;

/** What of a copied experiment cannot be had here, in sentences. */
export function lostInCopy(
  { schema, strategies, tasks }: FormShape,
  { strategy, strategyConfig, references, ...own }: ExperimentConfig,
): readonly string[] {
  const chosen = strategies.find(({ name }) => name === strategy);
  const missing = (given: object, fields: readonly Field[]) =>
    Object.keys(given).filter((name) => !fields.some((field) => field.name === name));
  const gone = [
    ...missing(own, allFields(schema)),
    ...(chosen ? missing(strategyConfig, fieldsOf(chosen.schema)) : []),
  ];
  const { copied } = text;
  return [
    ...(chosen ? [] : [copied.strategy(strategy)]),
    ...(tasks.some(({ id }) => id === own.dataset) ? [] : [copied.dataset(own.dataset)]),
    ...(gone.length > 0 ? [copied.settings(gone.join(", "))] : []),
  ];
}

/** The body of `POST /api/experiments`, and what is wrong with the form. */
export function readForm(
  shape: FormShape,
  { strategy, experiment, settings, references }: FormValues,
): { readonly value: JsonObject; readonly errors: readonly FieldError[] } {
  const fields = ownFieldsFor(shape, experiment.dataset);
  const own = readFields(fields, experiment, "experiment.");
  const chosen = shape.strategies.find(({ name }) => name === strategy);
  const config = readFields(
    chosen ? fieldsOf(chosen.schema) : [],
    settings[strategy] ?? {},
    `settings.${strategy}.`,
  );
  return {
    value: {
      ...{ ...own.value, strategy, strategyConfig: config.value },
      ...(references.length > 0 && { references }),
    },
    errors: [...own.errors.map(inWords), ...crowded(own.value, fields), ...config.errors],
  };
}

/** Nobody knows a task by its id. */
const inWords = (error: FieldError): FieldError =>
  error.path === "experiment.dataset" ? { ...error, message: text.task.choose } : error;

/** More clients to start with than there are places. */
function crowded(own: JsonObject, fields: readonly Field[]): readonly FieldError[] {
  const find = (name: string) => fields.find((field) => field.name === name);
  const numberOf = (name: string) => own[name] ?? find(name)?.fallback;
  const [clients, places] = [numberOf("minClients"), numberOf("slots")];
  if (typeof clients !== "number" || typeof places !== "number" || clients <= places) return [];
  const message = text.errors.places(clients, places, find("slots")?.title ?? "slots");
  return [{ path: "experiment.minClients", message }];
}

/** Fields whose mistakes depend on another one's value. */
export const dependents: Readonly<Record<string, readonly string[]>> = {
  "experiment.slots": ["experiment.minClients"],
};

/** A refusal of the server's, at the field that it names; undefined: it names none of the form's. */
export function errorOfRefusal(
  shape: FormShape,
  { strategy, experiment }: FormValues,
  message: string,
): FieldError | undefined {
  const [head, ...rest] = message.split(": ");
  const has = (fields: readonly Field[], field: string) =>
    fields.some(({ name }) => name === field);
  const chosen = shape.strategies.find(({ name }) => name === strategy);
  const [inner, ...said] = rest;
  if (said.length > 0 && head === strategy && chosen && has(fieldsOf(chosen.schema), inner))
    return { path: `settings.${strategy}.${inner}`, message: asSentence(said.join(": ")) };
  if (rest.length === 0) return undefined;
  const sentence = asSentence(rest.join(": "));
  if (head === "strategy") return { path: head, message: sentence };
  const isAsked = has(ownFieldsFor(shape, experiment.dataset), head);
  return isAsked ? { path: `experiment.${head}`, message: sentence } : undefined;
}

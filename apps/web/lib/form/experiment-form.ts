import type { JsonObject } from "@tandem/core/json";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { whyUnfit } from "@tandem/strategies/unfit";
import type { FieldErrors } from "react-hook-form";
import { set } from "react-hook-form";
import { type FieldError, readFields } from "./read-fields";
import { type Field, fieldsOf, initialValues, type RawValues } from "./schema-fields";

export type FormShape = {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strategies: readonly StrategyView[];
  /** What an experiment can be on. */
  readonly tasks: readonly TaskView[];
};
/** Settings of every strategy are kept, so that looking at another one loses nothing. */
export type FormValues = {
  readonly strategy: string;
  readonly experiment: RawValues;
  readonly settings: Readonly<Record<string, RawValues>>;
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
    .map((field) => (field.name === "slots" ? { ...field, ...participants } : field));
}
const allFields = (schema: FormShape["schema"]) =>
  fieldsOf(schema).filter(({ name }) => !others.includes(name));
const participants = {
  title: "Participants at most",
  description: "Each brings samples of their own. Whoever comes later is turned away.",
};

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

/** `dataset` wins over the schema's default where there is such a one. */
export function startValues(
  { schema, strategies, tasks }: FormShape,
  dataset?: string | undefined,
): FormValues {
  const wanted = fieldsOf(schema).find(({ name }) => name === "strategy")?.fallback;
  const known = tasks.find(({ id }) => id === dataset);
  const fits = strategies.filter((one) => unfitFor(tasks, known?.id)(one) === undefined);
  const strategy = fits.find(({ name }) => name === wanted) ?? fits.at(0);
  return {
    strategy: strategy?.name ?? "",
    experiment: initialValues(allFields(schema), known ? { dataset: known.id } : {}),
    settings: Object.fromEntries(
      strategies.map(({ name, schema }) => [name, initialValues(fieldsOf(schema))]),
    ),
  };
}

/** The body of `POST /api/experiments`, and what is wrong with the form. */
export function readForm(
  { schema, strategies, tasks }: FormShape,
  { strategy, experiment, settings }: FormValues,
): { readonly value: JsonObject; readonly errors: readonly FieldError[] } {
  const fields = ownFields(schema, dataOf(tasks, experiment.dataset));
  const own = readFields(fields, experiment, "experiment.");
  const chosen = strategies.find(({ name }) => name === strategy);
  const config = readFields(
    chosen ? fieldsOf(chosen.schema) : [],
    settings[strategy] ?? {},
    `settings.${strategy}.`,
  );
  return {
    value: { ...own.value, strategy, strategyConfig: config.value },
    errors: [...own.errors, ...config.errors],
  };
}

/** `readForm` as react-hook-form asks for it. */
export function resolve(shape: FormShape, values: FormValues) {
  const { errors } = readForm(shape, values);
  if (errors.length === 0) return { values, errors: {} };
  const nested: FieldErrors<FormValues> = {};
  for (const { path, message } of errors) set(nested, path, { type: "validate", message });
  return { values: {}, errors: nested };
}

import type { JsonObject } from "@tandem/core/json";
import type { StrategyView } from "@tandem/protocol/view";
import type { FieldErrors } from "react-hook-form";
import { set } from "react-hook-form";
import { type FieldError, readFields } from "./read-fields";
import { fieldsOf, initialValues, type RawValues } from "./schema-fields";

export type FormShape = {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strategies: readonly StrategyView[];
};
/** Settings of every strategy are kept, so that looking at another one loses nothing. */
export type FormValues = {
  readonly strategy: string;
  readonly experiment: RawValues;
  readonly settings: Readonly<Record<string, RawValues>>;
};

/** Strategy and its settings have parts of the form to themselves; references come from programs. */
const others = ["strategy", "strategyConfig", "references"];
export const ownFields = (schema: FormShape["schema"]) =>
  fieldsOf(schema).filter(({ name }) => !others.includes(name));

export function startValues({ schema, strategies }: FormShape): FormValues {
  const wanted = fieldsOf(schema).find(({ name }) => name === "strategy")?.fallback;
  const strategy = strategies.find(({ name }) => name === wanted) ?? strategies.at(0);
  return {
    strategy: strategy?.name ?? "",
    experiment: initialValues(ownFields(schema)),
    settings: Object.fromEntries(
      strategies.map(({ name, schema }) => [name, initialValues(fieldsOf(schema))]),
    ),
  };
}

/** The body of `POST /api/experiments`, and what is wrong with the form. */
export function readForm(
  { schema, strategies }: FormShape,
  { strategy, experiment, settings }: FormValues,
): { readonly value: JsonObject; readonly errors: readonly FieldError[] } {
  const own = readFields(ownFields(schema), experiment, "experiment.");
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

import type { FieldErrors } from "react-hook-form";
import { set } from "react-hook-form";
import { type FormShape, type FormValues, readForm } from "./experiment-form";
import { settingsOf } from "./settings";
import { readSweep, type SweepReading } from "./sweep";

/** `readForm`, and what it is to be repeated with, if anything. */
export function checkForm(
  shape: FormShape,
  values: FormValues,
): ReturnType<typeof readForm> & { readonly sweep?: SweepReading } {
  const form = readForm(shape, values);
  const { strategy, experiment } = values;
  const settings = settingsOf(shape, { strategy, dataset: experiment.dataset });
  const sweep = readSweep(values, settings);
  if (!sweep) return form;
  return { value: form.value, sweep, errors: [...form.errors, ...sweep.errors] };
}

/** `checkForm` as react-hook-form asks for it. */
export function resolve(shape: FormShape, values: FormValues) {
  const { errors } = checkForm(shape, values);
  if (errors.length === 0) return { values, errors: {} };
  const nested: FieldErrors<FormValues> = {};
  for (const { path, message } of errors) set(nested, path, { type: "validate", message });
  return { values: {}, errors: nested };
}

"use client";

import { formatDuration } from "@tandem/core/format";
import { type FieldError, get, useFormContext, useWatch } from "react-hook-form";
import { settingDocs, strategyDocs } from "../../lib/docs/setting-docs";
import { dependents } from "../../lib/form/experiment-form";
import type { Field } from "../../lib/form/schema-fields";
import { text } from "../../text/new-experiment";
import { DocsLink } from "../docs/docs-link";
import { Toggle } from "./toggle";

export const inputLook =
  "w-full rounded-lg border bg-surface px-3 text-sm text-ink aria-invalid:border-bad border-line-strong";

/** The control of one field of a schema, with its name, explanation and error. */
export function FieldInput({ field, path }: { readonly field: Field; readonly path: string }) {
  const { register, formState } = useFormContext();
  const error: FieldError | undefined = get(formState.errors, path);
  const deps = dependents[path];
  const registered = register(path, deps && { deps: [...deps] });
  const ids = { input: `f-${path}`, hint: `h-${path}`, error: `e-${path}` };

  if (field.kind === "group")
    return (
      <fieldset className="rounded-xl border border-line p-4 sm:col-span-2">
        <legend className="px-1.5 text-sm font-medium">{field.title}</legend>
        <div className="grid gap-5 sm:grid-cols-2">
          {field.fields.map((inner) => (
            <FieldInput key={inner.name} field={inner} path={`${path}.${inner.name}`} />
          ))}
        </div>
      </fieldset>
    );

  const described = [field.description && ids.hint, error && ids.error].filter(Boolean).join(" ");
  const attributes = {
    id: ids.input,
    "aria-invalid": error !== undefined,
    ...(described && { "aria-describedby": described }),
  };
  const hint = field.description && (
    <p id={ids.hint} className="mt-1 text-xs text-ink-soft">
      {field.description}
      <InWords field={field} path={path} />
    </p>
  );
  if (field.kind === "boolean")
    return (
      <div className="sm:pt-6">
        <div className="flex items-center justify-between gap-3">
          <Toggle path={path} title={field.title} attributes={attributes} />
          <DocsLink to={docsOf(path)} about={field.title} />
        </div>
        {hint}
      </div>
    );
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <label htmlFor={ids.input} className="text-sm font-medium">
          {field.title}
          {field.kind === "number" && field.unit && (
            <span className="font-normal text-ink-soft"> ({field.unit})</span>
          )}
        </label>
        <span className="flex items-center gap-2 self-center">
          <Range field={field} />
          <DocsLink to={docsOf(path)} about={field.title} />
        </span>
      </div>
      {field.kind === "choice" ? (
        <select {...attributes} {...registered} className={`${inputLook} h-10`}>
          {field.options.map((option) => (
            <option key={String(option)} value={String(option)}>
              {String(option)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...attributes}
          {...registered}
          inputMode={keyboardOf(field)}
          autoComplete="off"
          className={`${inputLook} h-10 ${field.kind === "text" ? "" : "figures"}`}
        />
      )}
      {error && (
        <p id={ids.error} className="mt-1 text-xs font-medium text-bad">
          {error.message}
        </p>
      )}
      {hint}
    </div>
  );
}

/** Where the manual has the setting at a path of the form's values. */
function docsOf(path: string): string {
  const [part, name] = path.split(".");
  if (part !== "experiment") return strategyDocs(name);
  return settingDocs[name as keyof typeof settingDocs];
}

/** Seconds may have decimals, though their milliseconds have none. */
function keyboardOf(field: Field): "text" | "numeric" | "decimal" {
  if (field.kind !== "number") return "text";
  return field.integer && field.unit === undefined ? "numeric" : "decimal";
}

function Range({ field }: { readonly field: Field }) {
  if (field.kind !== "number") return null;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field.schema;
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  const say = field.unit ? formatDuration : String;
  // z.int() states the safe integers; that is no limit for people.
  const known = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) < 2 ** 31 - 1;
  const { field: said } = text;
  const fromLow = exclusiveMinimum === undefined ? said.from : said.above;
  const range =
    known(low) && known(high)
      ? said.range(exclusiveMinimum === undefined ? say(low) : said.above(say(low)), say(high))
      : known(low)
        ? fromLow(say(low))
        : known(high)
          ? said.to(say(high))
          : "";
  return range && <span className="figures text-xs text-ink-faint">{range}</span>;
}

/** Nobody reads 5400 s as an hour and a half. */
function InWords({ field, path }: { readonly field: Field; readonly path: string }) {
  const value = Number(String(useWatch({ name: path }) || Number.NaN).replace(",", "."));
  if (field.kind !== "number" || !field.unit || !(value >= 60)) return "";
  return ` ${text.field.inWords(formatDuration(value * 1000))}`;
}

"use client";

import { X } from "lucide-react";
import { useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { checkForm } from "../../lib/form/check-form";
import type { FormShape, FormValues, SweepRow } from "../../lib/form/experiment-form";
import type { Field } from "../../lib/form/schema-fields";
import type { Setting } from "../../lib/form/settings";
import { mostSettings, rowPath, sweepable } from "../../lib/form/sweep";
import { text } from "../../text/new-experiment";
import { Button } from "../ui/button";
import { Details } from "../ui/details";
import { inputLook } from "./field-input";

type Props = { readonly shape: FormShape; readonly settings: readonly Setting[] };
const said = text.sweep;

/** The same experiment with other values and seeds, as one group. */
export function SweepFields({ shape, settings }: Props) {
  const form = useFormContext<FormValues>();
  const values = useWatch() as FormValues;
  const { rows, seeds } = values.sweep;
  const [isOpen, setOpen] = useState(rows.length > 0 || seeds !== "");
  const { sweep } = checkForm(shape, values);
  const errorAt = (path: string) => sweep?.errors.find((error) => error.path === path)?.message;
  const options = sweepable(settings);
  const change = (next: Partial<FormValues["sweep"]>) =>
    form.setValue("sweep", { ...values.sweep, ...next });
  const changeRow = (at: number, next: Partial<SweepRow>) =>
    change({ rows: rows.map((row, i) => (i === at ? { ...row, ...next } : row)) });
  const unused = options.find(({ path }) => rows.every((row) => row.path !== path));
  return (
    <Details title={said.title} isOpen={isOpen} onToggle={setOpen}>
      <p className="max-w-prose text-sm text-ink-soft">{said.lead}</p>
      <div className="mt-4 space-y-3">
        {rows.map((row, i) => {
          const field = options.find(({ path }) => path === row.path)?.field;
          return (
            <div
              key={i}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
            >
              <div className="max-sm:col-span-2">
                <select
                  id={`f-${rowPath(i, "path")}`}
                  aria-label={said.setting(i + 1)}
                  value={row.path}
                  onChange={({ target }) => changeRow(i, { path: target.value })}
                  className={`${inputLook} h-10`}
                >
                  {!field && <option value={row.path}>{said.choose}</option>}
                  {options.map(({ field, path }) => (
                    <option key={path} value={path}>
                      {field.title}
                    </option>
                  ))}
                </select>
                <Mistake path={rowPath(i, "path")} message={errorAt(rowPath(i, "path"))} />
              </div>
              <ListInput
                path={rowPath(i, "values")}
                label={said.values(field?.title ?? "")}
                value={row.values}
                hint={field && hintOf(field)}
                error={errorAt(rowPath(i, "values"))}
                onChange={(next) => changeRow(i, { values: next })}
              />
              <Button
                tone="bare"
                aria-label={said.remove(field?.title ?? "")}
                onClick={() => change({ rows: rows.filter((_, at) => at !== i) })}
              >
                <X aria-hidden="true" />
              </Button>
            </div>
          );
        })}
        <div className="flex flex-wrap items-start gap-4">
          <div className="w-full sm:w-72">
            <label htmlFor="f-sweep.seeds" className="mb-1.5 block text-sm font-medium">
              {said.seeds}
            </label>
            <ListInput
              path="sweep.seeds"
              value={seeds}
              hint={said.seedsHint}
              error={errorAt("sweep.seeds")}
              onChange={(next) => change({ seeds: next })}
            />
          </div>
          {unused && rows.length < mostSettings && (
            <Button
              className="sm:mt-6.5"
              onClick={() => change({ rows: [...rows, { path: unused.path, values: "" }] })}
            >
              {said.add}
            </Button>
          )}
        </div>
      </div>
      <p role="status" className="mt-3 min-h-5 text-sm font-medium">
        {sweep && sweep.errors.length === 0 && said.makes(sweep.count)}
      </p>
    </Details>
  );
}

/** What its values may be. */
function hintOf(field: Field): string {
  if (field.kind === "choice") return said.options(field.options.join(", "));
  if (field.kind === "boolean") return said.onOrOff;
  return field.kind === "number" && field.unit ? said.seconds : said.numbers;
}

type ListProps = {
  readonly path: string;
  /** Absent: there is one beside it. */
  readonly label?: string;
  readonly value: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
};

/** Values with commas between them; what is empty is no mistake before somebody has left it. */
function ListInput({ path, label, value, hint, error, onChange }: ListProps) {
  const { isSubmitted } = useFormContext().formState;
  const shown = value.trim() === "" && !isSubmitted ? undefined : error;
  return (
    <div>
      <input
        id={`f-${path}`}
        {...(label !== undefined && { "aria-label": label })}
        value={value}
        autoComplete="off"
        aria-invalid={shown !== undefined}
        aria-describedby={`h-${path} e-${path}`}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault(); // many experiments are made on purpose
        }}
        className={`${inputLook} figures h-10`}
      />
      <p id={`h-${path}`} className="mt-1 text-xs text-ink-soft">
        {hint}
      </p>
      <Mistake path={path} message={shown} />
    </div>
  );
}

const Mistake = ({
  path,
  message,
}: {
  readonly path: string;
  readonly message: string | undefined;
}) => (
  <p id={`e-${path}`} className="text-xs font-medium text-bad not-empty:mt-1">
    {message}
  </p>
);

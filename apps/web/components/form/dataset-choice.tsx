"use client";

import type { TaskView } from "@tandem/protocol/view";
import Link from "next/link";
import { type FieldError, get, useFormContext, useWatch } from "react-hook-form";
import { text } from "../../text/new-experiment";
import { inputLook } from "./field-input";

const path = "experiment.dataset";
const said = text.task;

/** What the experiment is on, by name: the server's own tasks first, then what Tandem ships. */
export function DatasetChoice({ tasks }: { readonly tasks: readonly TaskView[] }) {
  const { register, formState } = useFormContext();
  const error: FieldError | undefined = get(formState.errors, path);
  const dataset: unknown = useWatch({ name: path });
  const chosen = tasks.find(({ id }) => id === dataset);
  const groups = [
    { label: said.own, data: "own" },
    { label: said.dealt, data: "dealt" },
  ].map(({ label, data }) => ({ label, options: tasks.filter((one) => one.data === data) }));
  return (
    <div className="min-w-0">
      <label htmlFor={`f-${path}`} className="mb-1.5 block text-sm font-medium">
        {said.label}
      </label>
      <select
        id={`f-${path}`}
        {...register(path)}
        aria-invalid={error !== undefined}
        aria-describedby={error ? `h-${path} e-${path}` : `h-${path}`}
        className={`${inputLook} h-10`}
      >
        {!chosen && <option value={String(dataset)}>{said.choose}</option>}
        {groups.map(
          ({ label, options }) =>
            options.length > 0 && (
              <optgroup key={label} label={label}>
                {options.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </optgroup>
            ),
        )}
      </select>
      {error && (
        <p id={`e-${path}`} className="mt-1 text-xs font-medium text-bad">
          {error.message}
        </p>
      )}
      <p id={`h-${path}`} className="mt-1 line-clamp-3 text-xs text-ink-soft">
        {chosen?.description}{" "}
        {chosen && (
          <Link
            href={`/tasks/${chosen.id}`}
            className="whitespace-nowrap underline underline-offset-2 hover:text-ink"
          >
            {said.about}
          </Link>
        )}
      </p>
    </div>
  );
}

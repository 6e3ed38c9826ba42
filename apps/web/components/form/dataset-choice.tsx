"use client";

import type { TaskView } from "@tandem/protocol/view";
import Link from "next/link";
import { useFormContext, useWatch } from "react-hook-form";
import { inputLook } from "./field-input";

const path = "experiment.dataset";

/** What the experiment is on, by name: the server's own tasks first, then what Tandem ships. */
export function DatasetChoice({ tasks }: { readonly tasks: readonly TaskView[] }) {
  const { register } = useFormContext();
  const dataset: unknown = useWatch({ name: path });
  const chosen = tasks.find(({ id }) => id === dataset);
  const groups = [
    { label: "Participants bring their own", data: "own" },
    { label: "Data sets that are dealt", data: "dealt" },
  ].map(({ label, data }) => ({ label, options: tasks.filter((one) => one.data === data) }));
  return (
    <div className="min-w-0 sm:col-span-1 lg:col-span-2">
      <label htmlFor={`f-${path}`} className="mb-1.5 block text-sm font-medium">
        Task
      </label>
      <select
        id={`f-${path}`}
        {...register(path)}
        aria-describedby={`h-${path}`}
        className={`${inputLook} h-10`}
      >
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
      <p id={`h-${path}`} className="mt-1 line-clamp-3 text-xs text-ink-soft">
        {chosen?.description}{" "}
        {chosen && (
          <Link
            href={`/tasks/${chosen.id}`}
            className="whitespace-nowrap underline underline-offset-2 hover:text-ink"
          >
            About this task
          </Link>
        )}
      </p>
    </div>
  );
}

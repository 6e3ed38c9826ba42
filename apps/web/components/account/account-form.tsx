"use client";

import { messageOf } from "@tandem/core/errors";
import { type ComponentProps, type FormEvent, useId, useState, useTransition } from "react";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";

type Field = Pick<
  ComponentProps<"input">,
  "type" | "autoComplete" | "minLength" | "maxLength" | "placeholder"
> & { readonly name: string; readonly label: string; readonly hint?: string };

/** A few lines of text and a button; a refusal is said above it. */
export function AccountForm({
  fields,
  verb,
  tone = "primary",
  onSend,
}: {
  readonly fields: readonly Field[];
  readonly verb: string;
  readonly tone?: ComponentProps<typeof Button>["tone"];
  readonly onSend: (values: Readonly<Record<string, string>>) => Promise<void>;
}) {
  const id = useId();
  const [busy, run] = useTransition();
  const [problem, setProblem] = useState("");
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, String(value)]),
    );
    run(async () => {
      setProblem("");
      try {
        await onSend(values);
        form.reset();
      } catch (error) {
        setProblem(messageOf(error));
      }
    });
  };
  return (
    <form onSubmit={send} className="grid gap-4">
      {fields.map(({ name, label, hint, ...input }) => (
        <div key={name}>
          <label htmlFor={`${id}-${name}`} className="mb-1.5 block text-sm font-medium">
            {label}
          </label>
          <input
            {...input}
            id={`${id}-${name}`}
            name={name}
            required
            aria-describedby={hint && `${id}-${name}-hint`}
            className={`${inputLook} h-10`}
          />
          {hint && (
            <p id={`${id}-${name}-hint`} className="mt-1 text-xs text-ink-soft">
              {hint}
            </p>
          )}
        </div>
      ))}
      {problem && (
        <p role="alert" className="text-sm font-medium text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" tone={tone} disabled={busy} className="justify-self-start">
        {verb}
      </Button>
    </form>
  );
}

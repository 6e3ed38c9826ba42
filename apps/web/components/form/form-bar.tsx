"use client";

import { ArrowLeft, ArrowRight } from "lucide-react";
import { useFormContext, useWatch } from "react-hook-form";
import { checkForm } from "../../lib/form/check-form";
import type { FormShape, FormValues } from "../../lib/form/experiment-form";
import { lastStep, rawOf, type Setting } from "../../lib/form/settings";
import { text } from "../../text/new-experiment";
import { Button } from "../ui/button";

type Props = {
  readonly shape: FormShape;
  readonly settings: readonly Setting[];
  readonly step: number;
  readonly back: () => void;
  readonly create: () => void;
  /** To the field at this path. */
  readonly jump: (path: string) => void;
};
const said = text.bar;

/** Always in sight: the way on, Create, and what it still needs. */
export function FormBar({ shape, settings, step, back, create, jump }: Props) {
  const { isSubmitting } = useFormContext<FormValues>().formState;
  const values = useWatch() as FormValues;
  const { errors, sweep } = checkForm(shape, values);
  const missing = settings.filter(
    ({ path }) => errors.some((error) => error.path === path) && rawOf(values, path) === "",
  );
  const [first] = errors;
  const needs =
    missing.length > 0
      ? said.missing(missing.map(({ field }) => field.title).join(", "))
      : said.wrong(errors.length);
  return (
    <div className="sticky bottom-0 z-10 -mx-5 mt-auto flex flex-wrap items-center justify-end gap-x-3 gap-y-2 rounded-b-2xl border-t border-line bg-surface px-5 py-3 sm:-mx-8 sm:px-8">
      <Button tone="bare" className="mr-auto -ml-4" disabled={isSubmitting} onClick={back}>
        <ArrowLeft aria-hidden="true" /> {step === 0 ? said.cancel : said.back}
      </Button>
      {first ? (
        <button
          type="button"
          className="rounded-lg px-2 py-1 text-sm text-ink-soft underline underline-offset-4 hover:text-ink max-sm:order-first max-sm:w-full max-sm:text-left"
          onClick={() => jump(missing[0]?.path ?? first.path)}
        >
          {needs}
        </button>
      ) : (
        <span className="text-sm text-good max-sm:sr-only">{said.ready}</span>
      )}
      {step < lastStep && (
        <Button type="submit" disabled={isSubmitting}>
          {said.next} <ArrowRight aria-hidden="true" />
        </Button>
      )}
      <Button
        type={step === lastStep ? "submit" : "button"}
        tone="primary"
        disabled={isSubmitting}
        {...(step < lastStep && { onClick: create })}
      >
        {isSubmitting ? (
          said.creating
        ) : sweep ? (
          said.createMany(sweep.count)
        ) : (
          <span>
            {said.create} <span className="max-sm:sr-only">{said.experiment}</span>
          </span>
        )}
      </Button>
    </div>
  );
}

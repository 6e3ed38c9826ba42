"use client";

import { formatDuration } from "@tandem/core/format";
import type { ReactNode } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { checkForm } from "../../lib/form/check-form";
import type { FormShape, FormValues } from "../../lib/form/experiment-form";
import type { RawValue } from "../../lib/form/schema-fields";
import { changedOf, ofStep, rawOf, type Setting, stepOfPath } from "../../lib/form/settings";
import { text } from "../../text/new-experiment";
import { Button } from "../ui/button";
import { SweepFields } from "./sweep-fields";

type Props = {
  readonly shape: FormShape;
  readonly settings: readonly Setting[];
  readonly go: (step: number) => void;
  readonly jump: (path: string) => void;
};
const said = text.review;

/** What will be created, a part a screen, and what has to be mended before. */
export function StepReview({ shape, settings, go, jump }: Props) {
  const form = useFormContext<FormValues>();
  const values = useWatch() as FormValues;
  const { errors } = checkForm(shape, values);
  const strategy = shape.strategies.find(({ name }) => name === values.strategy);
  const show = ({ field, path }: Setting) =>
    shown(rawOf(values, path), { field, path, tasks: shape.tasks });
  const rows = (some: readonly Setting[]) =>
    some.map((one) => <Row key={one.path} name={one.field.title} value={show(one)} />);
  const changed = changedOf(
    settings.filter(({ step }) => step === 3),
    values,
  );
  return (
    <div className="space-y-6">
      {errors.length > 0 && (
        <section className="rounded-xl border border-bad p-4">
          <h3 className="text-sm font-semibold">{said.mistakes}</h3>
          <ul className="mt-2 space-y-2">
            {errors.map(({ path, message }) => (
              <li key={path} className="flex items-center justify-between gap-4 text-sm">
                <span>
                  <span className="font-medium">
                    {text.steps[stepOfPath(path)]}, {titleOf(settings, path)}:
                  </span>{" "}
                  <span className="text-bad">{message}</span>
                </span>
                <Button onClick={() => jump(path)}>{said.mend}</Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-2">
        <Part step={0} go={go}>
          {rows(ofStep(settings, 0))}
        </Part>
        <Part step={2} go={go}>
          {rows(ofStep(settings, 2))}
        </Part>
        <Part step={1} go={go}>
          <Row name={text.strategy.legend} value={strategy?.title ?? ""} />
          {values.references.length > 0 && (
            <Row
              name={said.references}
              value={
                <>
                  {values.references.map(({ label }) => label).join(", ")}{" "}
                  <button
                    type="button"
                    className="underline underline-offset-2"
                    onClick={() => form.setValue("references", [])}
                  >
                    {said.noReferences}
                  </button>
                </>
              }
            />
          )}
        </Part>
        <Part step={3} go={go} note={said.defaults}>
          {rows(changed)}
        </Part>
      </div>
      <SweepFields shape={shape} settings={settings} />
    </div>
  );
}

const titleOf = (settings: readonly Setting[], path: string): string =>
  settings.find((one) => one.path === path)?.field.title ??
  (path.startsWith("sweep.") ? text.sweep.title : text.strategy.legend);

/** What the form holds, as people would say it. */
function shown(
  raw: RawValue,
  { field, path, tasks }: Pick<Setting, "field" | "path"> & Pick<FormShape, "tasks">,
): string {
  if (path === "experiment.dataset") return tasks.find(({ id }) => id === raw)?.name ?? "";
  if (typeof raw === "boolean") return raw ? said.on : said.off;
  if (typeof raw === "object") return JSON.stringify(raw);
  const given = raw?.trim() ?? "";
  if (given === "") return field.fallback === undefined ? "" : said.empty;
  const seconds = Number(given.replace(",", "."));
  const isDuration = field.kind === "number" && field.unit === "s" && Number.isFinite(seconds);
  return isDuration ? formatDuration(seconds * 1000) : given;
}

function Part({
  step,
  go,
  note,
  children,
}: {
  readonly step: number;
  readonly go: (step: number) => void;
  readonly note?: string;
  readonly children: ReactNode;
}) {
  const title = text.steps[step];
  return (
    <section>
      <div className="flex items-center justify-between gap-4">
        <h3 className="text-sm font-semibold">{title}</h3>
        <Button
          tone="bare"
          className="-mr-4"
          aria-label={said.changeStep(title)}
          onClick={() => go(step)}
        >
          {said.change}
        </Button>
      </div>
      <dl className="text-sm">{children}</dl>
      {note && <p className="py-1.5 text-sm text-ink-soft">{note}</p>}
    </section>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  return (
    <div className="flex justify-between gap-4 border-b border-line py-1.5">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="min-w-0 text-right tabular-nums break-words">{value}</dd>
    </div>
  );
}

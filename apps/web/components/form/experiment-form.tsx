"use client";

import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { FormProvider, useForm } from "react-hook-form";
import {
  dataOf,
  type FormValues,
  ownFields,
  readForm,
  resolve,
  startValues,
  unfitFor,
} from "../../lib/form/experiment-form";
import { type Field, fieldsOf } from "../../lib/form/schema-fields";
import { post } from "../../lib/request";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { DatasetChoice } from "./dataset-choice";
import { FieldInput } from "./field-input";
import { StrategyChoice } from "./strategy-choice";
import { StrategySettings } from "./strategy-settings";

type Props = {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strategies: readonly StrategyView[];
  readonly tasks: readonly TaskView[];
  /** Chosen at the start. */
  readonly dataset?: string | undefined;
};

export function ExperimentForm({ schema, strategies, tasks, dataset: first }: Props) {
  const router = useRouter();
  const alert = useRef<HTMLParagraphElement>(null);
  const [failure, setFailure] = useState<string>();
  const shape = useMemo(() => ({ schema, strategies, tasks }), [schema, strategies, tasks]);
  const form = useForm<FormValues>({
    defaultValues: startValues(shape, first),
    resolver: (values) => resolve(shape, values),
    mode: "onTouched",
  });
  const chosen = strategies.find(({ name }) => name === form.watch("strategy"));
  const dataset = form.watch("experiment.dataset");
  const data = dataOf(tasks, dataset);
  const own = useMemo(() => ownFields(schema, data), [schema, data]);
  const unfit = useMemo(() => unfitFor(tasks, dataset), [tasks, dataset]);
  const isUnfit = chosen && unfit(chosen) !== undefined;
  const fitting = strategies.find((strategy) => unfit(strategy) === undefined)?.name;
  // What is disabled would stay chosen.
  useEffect(() => {
    if (isUnfit && fitting !== undefined) form.setValue("strategy", fitting);
  }, [form, isUnfit, fitting]);

  const { isSubmitting, isSubmitted, isValid } = form.formState;
  const mistakes = isSubmitted && !isValid;
  const create = form.handleSubmit(async (values) => {
    setFailure(undefined);
    try {
      const { id } = await post<{ readonly id: string }>(
        "/api/experiments",
        readForm(shape, values).value,
      );
      router.push(`/experiments/${id}`);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      alert.current?.focus();
    }
  });

  // The name, then what it is on; the schema has that among the others.
  const named = own.filter(({ name }) => name === "name");
  const others = own.filter(({ name }) => name !== "name" && name !== "dataset");
  const draw = (field: Field) => (
    <FieldInput key={field.name} field={field} path={`experiment.${field.name}`} />
  );
  return (
    <FormProvider {...form}>
      <form onSubmit={(event) => void create(event)} noValidate className="space-y-6">
        <Panel title="Experiment" description="Only the name has no default.">
          <div className="grid gap-5 sm:grid-cols-2 lg:grid-cols-3">
            {named.map(draw)}
            <DatasetChoice tasks={tasks} />
            {others.map(draw)}
          </div>
        </Panel>
        <Panel title="Strategy" description="How tabs and server learn from each other.">
          <StrategyChoice strategies={strategies} unfit={unfit} />
        </Panel>
        {chosen && (
          <Panel title={`${chosen.title} settings`} description={<Source text={chosen.source} />}>
            <StrategySettings
              key={chosen.name}
              fields={fieldsOf(chosen.schema)}
              path={`settings.${chosen.name}`}
            />
          </Panel>
        )}
        <p ref={alert} tabIndex={-1} role="alert" className="min-h-5 text-sm font-medium text-bad">
          {failure ?? (mistakes && "Some fields above need another value; each says which.")}
        </p>
        <div className="flex gap-3">
          <Button type="submit" tone="primary" disabled={isSubmitting}>
            {isSubmitting ? "Creating…" : "Create experiment"}
          </Button>
          <Button tone="bare" onClick={() => router.push("/")}>
            Cancel
          </Button>
        </div>
      </form>
    </FormProvider>
  );
}

function Source({ text }: { readonly text: string }) {
  if (!text.startsWith("http")) return text;
  return (
    <a href={text} className="underline underline-offset-2 hover:text-ink">
      {text}
    </a>
  );
}

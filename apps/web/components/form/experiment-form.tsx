"use client";

import type { ExperimentConfig } from "@tandem/core/experiment";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useMemo, useState } from "react";
import { FormProvider, useForm } from "react-hook-form";
import { checkForm, resolve } from "../../lib/form/check-form";
import { draftKey } from "../../lib/form/draft";
import {
  errorOfRefusal,
  type FormValues,
  lostInCopy,
  startValues,
  unfitFor,
} from "../../lib/form/experiment-form";
import { lastStep, ofStep, settingsOf, stepOfPath } from "../../lib/form/settings";
import { sweepBody } from "../../lib/form/sweep";
import { useDraft } from "../../lib/form/use-draft";
import { post } from "../../lib/request";
import { text } from "../../text/new-experiment";
import { DraftState } from "./draft-state";
import { EstimatePanel } from "./estimate-panel";
import { Fields } from "./fields";
import { FormBar } from "./form-bar";
import { FormSteps } from "./form-steps";
import { PresetChoice } from "./preset-choice";
import { type Looked, StepAdvanced } from "./step-advanced";
import { StepReview } from "./step-review";
import { StrategyChoice } from "./strategy-choice";
import { useFocus } from "./use-focus";

type Props = {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strategies: readonly StrategyView[];
  readonly tasks: readonly TaskView[];
  /** Chosen at the start. */
  readonly dataset?: string | undefined;
  /** The experiment that this one begins as a copy of. */
  readonly copied?: { readonly id: string; readonly config: ExperimentConfig } | undefined;
};

/** A new experiment, a screen a step; the draft outlives reloads and visits to other pages. */
export function ExperimentForm({ schema, strategies, tasks, dataset: first, copied }: Props) {
  const router = useRouter();
  const [failure, setFailure] = useState<string>();
  const [step, setStep] = useState(0);
  const [looked, look] = useState<Looked>({ group: "", query: "" });
  const { heading, focusField, focusHeading } = useFocus();
  const shape = useMemo(() => ({ schema, strategies, tasks }), [schema, strategies, tasks]);
  const config = copied?.config;
  const start = useMemo(
    () => startValues(shape, { dataset: first, copied: config }),
    [shape, first, config],
  );
  const form = useForm<FormValues>({
    defaultValues: start,
    resolver: (values) => resolve(shape, values),
    mode: "onTouched",
    shouldFocusError: false, // it may be on another screen
  });
  const key = draftKey(copied ? ["copy", copied.id] : first === undefined ? [] : ["on", first]);
  const draft = useDraft({ form, key, start, step, setStep });
  const [strategy, dataset] = form.watch(["strategy", "experiment.dataset"]);
  const settings = useMemo(
    () => settingsOf(shape, { strategy, dataset }),
    [shape, strategy, dataset],
  );
  const chosen = strategies.find(({ name }) => name === strategy);
  const unfit = useMemo(() => unfitFor(tasks, dataset), [tasks, dataset]);
  const isUnfit = chosen && unfit(chosen) !== undefined;
  const fitting = strategies.find((one) => unfit(one) === undefined)?.name;
  // What is disabled would stay chosen.
  useEffect(() => {
    if (isUnfit && fitting !== undefined) form.setValue("strategy", fitting);
  }, [form, isUnfit, fitting]);

  const go = (to: number) => {
    setFailure(undefined);
    setStep(to);
    focusHeading();
  };
  const jump = useCallback(
    (path: string) => {
      const group = settings.find((one) => one.path === path)?.group ?? "";
      setStep(stepOfPath(path));
      look({ group, query: "" });
      focusField(path);
    },
    [settings, focusField],
  );
  const create = form.handleSubmit(
    async (values) => {
      setFailure(undefined);
      try {
        const to = await send(checkForm(shape, values));
        draft.forget();
        router.push(to);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const at = errorOfRefusal(shape, values, message);
        if (!at) return setFailure(message);
        form.setError(at.path as never, { type: "server", message: at.message });
        jump(at.path);
      }
    },
    () => {
      const { errors } = checkForm(shape, form.getValues());
      const [nearest] = errors.toSorted((a, b) => stepOfPath(a.path) - stepOfPath(b.path));
      jump(nearest.path);
    },
  );
  const onward = async () => {
    if (step === lastStep) return create();
    const paths = settings.filter((one) => one.step === step).map(({ path }) => path);
    if (paths.length === 0 || (await form.trigger(paths as never))) return go(step + 1);
    const wrong = checkForm(shape, form.getValues()).errors.find(({ path }) =>
      paths.includes(path),
    );
    if (wrong) jump(wrong.path);
  };
  const discard = () => {
    form.reset(start);
    go(0);
  };

  return (
    <FormProvider {...form}>
      <div className="grid items-start gap-x-8 gap-y-5 lg:grid-cols-[14rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <FormSteps {...{ shape, step, go }} />
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void onward();
          }}
          className="[&_:is(input,select,button,a)]:scroll-my-24 flex min-w-0 flex-col rounded-2xl border border-line bg-surface px-5 pt-5 sm:px-8 lg:col-start-2 lg:row-span-2 lg:row-start-1 lg:min-h-[calc(100dvh-13.5rem)]"
        >
          <div className="flex min-h-8 items-center justify-between gap-4">
            <div className="flex flex-wrap items-baseline gap-x-3">
              <h2 ref={heading} tabIndex={-1} className="text-xl font-semibold outline-none">
                {text.steps[step]}
              </h2>
              <p className="figures text-xs text-ink-faint">
                {text.step(step + 1, text.steps.length)}
              </p>
            </div>
            <DraftState state={draft.state} discard={discard} />
          </div>
          <p className="mt-0.5 mb-5 text-sm text-ink-soft">{text.leads[step]}</p>
          {step === 0 && (
            <div className="space-y-6">
              {config && <Lost sentences={lostInCopy(shape, config)} />}
              <Fields settings={ofStep(settings, 0)} tasks={tasks} />
              <PresetChoice {...{ shape, start, settings }} copied={config?.name} />
            </div>
          )}
          {step === 1 && (
            <StrategyChoice
              {...{ strategies, chosen, unfit }}
              settings={settings.filter(({ path }) => path.startsWith("settings.")).length}
              showSettings={() => go(3)}
            />
          )}
          {step === 2 && <Fields settings={ofStep(settings, 2)} tasks={tasks} />}
          {step === 3 && <StepAdvanced {...{ settings, tasks, looked, look }} />}
          {step === 4 && <StepReview {...{ shape, settings, go, jump }} />}
          <p role="alert" className="mb-5 text-sm font-medium text-bad not-empty:mt-5">
            {failure}
          </p>
          <FormBar
            {...{ shape, settings, step, jump }}
            back={() => (step === 0 ? router.push("/") : go(step - 1))}
            create={() => void create()}
          />
        </form>
        <EstimatePanel shape={shape} />
      </div>
    </FormProvider>
  );
}

/** Makes what the form holds; resolves with the address of what has been made. */
async function send({ value, sweep }: ReturnType<typeof checkForm>): Promise<string> {
  if (!sweep) {
    const { id } = await post<{ readonly id: string }>("/api/experiments", value);
    return `/experiments/${id}`;
  }
  await post("/api/sweeps", sweepBody(value, sweep));
  return `/?group=${encodeURIComponent(String(value.name))}`;
}

/** What of a copied experiment is not here. */
function Lost({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <ul className="rounded-lg bg-teacher-soft px-4 py-3 text-sm">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

"use client";

import type { BackboneView, TeachersView } from "@tandem/protocol/view";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import type { Source } from "../../lib/tasks/draft-of-task";
import {
  lastStep,
  type Mistakes,
  mistakesOf,
  mistakesOfStep,
  stepOf,
  steps,
} from "../../lib/tasks/mistakes";
import { useDraft } from "../../lib/tasks/use-draft";
import { useSending } from "../../lib/tasks/use-sending";
import { contentOf } from "../../lib/tasks/use-set";
import { setStep, useSets } from "../../lib/tasks/use-sets";
import { text } from "../../text/task-form";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";
import { StepList } from "../ui/step-list";
import { ShownMistakes } from "./fields";
import { StepAbout } from "./step-about";
import { StepClasses } from "./step-classes";
import { StepModels } from "./step-models";
import { StepReview } from "./step-review";
import { StepSamples } from "./step-samples";
import { StepSets } from "./step-sets";
import { StepTeacher } from "./step-teacher";

const parts = [StepAbout, StepClasses, StepSamples, StepModels, StepSets, StepTeacher] as const;

type Props = {
  readonly teachers: TeachersView;
  /** On this server. */
  readonly backbones: readonly BackboneView[];
  /** The task that is changed or copied; absent: a new one. */
  readonly source?: Source;
};

/** A study of one's own, a screen a step; the draft outlives a reload of the page. */
export function TaskWizard({ teachers, backbones, source }: Props) {
  const router = useRouter();
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const kept = useDraft(source);
  const { draft, step, reached, lost, set } = kept;
  /** Steps whose mistakes are shown: those that somebody has tried to leave. */
  const [tried, setTried] = useState<ReadonlySet<number>>(new Set());
  const [refused, setRefused] = useState<Mistakes>({});
  const { sets, faults, isReading } = useSets(kept, source);
  const { hasPictures = false, captions = [] } = contentOf(sets.public) ?? {};
  const hasPublicSet = sets.public.files.length > 0 || sets.public.isKept;
  const hasCaptions = captions.length > 0;
  const written = useMemo(
    () => mistakesOf(draft, { hasPublicSet, hasPictures, hasCaptions, teachers }),
    [draft, hasPublicSet, hasPictures, hasCaptions, teachers],
  );
  const known = { ...written, ...faults };
  const all = { ...refused, ...known };

  const go = (to: number) => {
    setFailure(undefined);
    set({ step: to, reached: Math.max(reached, to) });
    requestAnimationFrame(() => {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    });
  };
  const showMistakes = (at: number) => {
    setTried((before) => new Set(before).add(at));
    requestAnimationFrame(() => {
      const first = body.current?.querySelector<HTMLElement>("[aria-invalid=true], [id^='e-']");
      (first?.matches("[aria-invalid=true]") ? first : first?.parentElement)?.focus();
      first?.scrollIntoView({ block: "center" });
    });
  };
  const change: typeof kept.change = (changes) => {
    setRefused({});
    kept.change(changes);
  };
  const { sent, failure, setFailure, send } = useSending({
    draft,
    sets,
    source,
    forget: kept.forget,
    onRefused(mistake) {
      setRefused(mistake);
      const [at] = Object.keys(mistake).map(stepOf);
      go(at);
      showMistakes(at);
    },
  });
  const onward = () => {
    // What the server has refused it may take now: it is asked again.
    setRefused({});
    if (Object.keys(mistakesOfStep(known, step)).length > 0) return showMistakes(step);
    if (step < lastStep) return go(step + 1);
    if (Object.keys(known).length === 0) void send();
  };

  const Part = parts[step];
  const props = { draft, change, sets, teachers, backbones, lost, source };
  const isBusy = sent !== undefined;
  return (
    <div className="grid items-start gap-x-8 gap-y-5 lg:grid-cols-[12rem_minmax(0,1fr)]">
      <StepList
        titles={steps.map(({ title }) => title)}
        {...{ step, reached, go }}
        done={new Set(steps.flatMap((_, i) => (i < reached && i !== step ? [i] : [])))}
      />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onward();
        }}
        className="min-w-0 rounded-2xl border border-line bg-surface p-5 sm:p-8"
      >
        <p className="figures text-xs text-ink-faint">{text.step(step + 1, steps.length)}</p>
        <h2 ref={heading} tabIndex={-1} className="mt-1 text-xl font-semibold outline-none">
          {steps[step].title}
        </h2>
        <p className="mt-1 mb-7 max-w-prose text-sm text-ink-soft">{text.leads[step]}</p>
        <ShownMistakes value={tried.has(step) ? all : faults}>
          <div ref={body}>
            {Part ? <Part {...props} /> : <StepReview {...props} mistakes={all} go={go} />}
          </div>
        </ShownMistakes>
        <p role="alert" className="mt-6 min-h-5 text-sm font-medium text-bad">
          {failure}
        </p>
        {isBusy && <Sending fraction={sent} />}
        <div className="mt-2 flex items-center justify-between gap-3">
          <Button
            tone="bare"
            disabled={isBusy}
            onClick={() => (step === 0 ? router.push(leaveTo(source)) : go(step - 1))}
          >
            <ArrowLeft aria-hidden="true" /> {step === 0 ? text.cancel : text.back}
          </Button>
          <Button type="submit" tone="primary" disabled={isBusy || (isReading && step >= setStep)}>
            {step < lastStep ? text.next : sendText(source, isBusy)}
            {step < lastStep && <ArrowRight aria-hidden="true" />}
          </Button>
        </div>
      </form>
    </div>
  );
}

const leaveTo = (source: Source | undefined) => (source ? `/tasks/${source.view.id}` : "/tasks");

function sendText(source: Source | undefined, isBusy: boolean): string {
  if (source?.as === "edit") return isBusy ? text.saving : text.save;
  return isBusy ? text.creating : text.create;
}

const Sending = ({ fraction }: { readonly fraction: number }) => (
  <div className="mb-6">
    <p role="status" className="mb-2 text-sm text-ink-soft">
      {fraction < 1 ? text.sending : text.reading}
    </p>
    <ProgressBar label={text.sendingLabel} fraction={fraction} />
  </div>
);

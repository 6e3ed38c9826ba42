"use client";

import { messageOf } from "@tandem/core/errors";
import { parseTask } from "@tandem/protocol/task";
import type { BackboneView, TaskUploadView, TeachersView } from "@tandem/protocol/view";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { definitionOf, keepDraft } from "../../lib/tasks/draft";
import {
  lastStep,
  type Mistakes,
  mistakeOfRefusal,
  mistakesOf,
  mistakesOfStep,
  stepOf,
  steps,
} from "../../lib/tasks/mistakes";
import { packTask } from "../../lib/tasks/set-jobs";
import { upload } from "../../lib/tasks/upload";
import { useDraft } from "../../lib/tasks/use-draft";
import { type SetChoice, useSet } from "../../lib/tasks/use-set";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";
import { ShownMistakes } from "./fields";
import { StepAbout } from "./step-about";
import { StepClasses } from "./step-classes";
import { StepList } from "./step-list";
import { StepModels } from "./step-models";
import { StepReview } from "./step-review";
import { StepSamples } from "./step-samples";
import { StepSets } from "./step-sets";
import { StepTeacher } from "./step-teacher";

const setStep = stepOf("public");
const parts = [StepAbout, StepClasses, StepSamples, StepModels, StepSets, StepTeacher] as const;
const leads = [
  "What the study is, in words for the people who take part.",
  "The answers that models learn to give.",
  "What participants bring. It stays in their tab: the server never sees it.",
  "Few pictures teach a small model little. A backbone is a large model that has learned to see elsewhere, and is not trained here.",
  "What the server may have and use. Both sets can be left out.",
  "A text-to-image model can paint pictures that all models answer, and learn from them.",
  "Nothing runs yet: an experiment on the task does that. Until there is one, the task can be removed.",
] as const;

type Props = {
  readonly teachers: TeachersView;
  /** On this server. */
  readonly backbones: readonly BackboneView[];
};

/** A study of one's own, a screen a step; the draft outlives a reload of the page. */
export function TaskWizard({ teachers, backbones }: Props) {
  const router = useRouter();
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const { draft, step, reached, chosen, lost, isRestored, set, change } = useDraft();
  /** Steps whose mistakes are shown: those that somebody has tried to leave. */
  const [tried, setTried] = useState<ReadonlySet<number>>(new Set());
  const [refused, setRefused] = useState<Mistakes>({});
  const [failure, setFailure] = useState<string>();
  const [sent, setSent] = useState<number>();

  const readable = useMemo(() => {
    // Sets are read once there is something to read them for, not at each letter typed.
    if (step < setStep) return undefined;
    try {
      return parseTask({ ...definitionOf(draft), teacher: { kind: "none" } });
    } catch {
      return undefined; // an earlier step says what is wrong
    }
  }, [draft, step]);
  const sets = { public: useSet("public", readable), test: useSet("test", readable) };
  const hasPublicSet = sets.public.files.length > 0;
  const { reading } = sets.public;
  const hasCaptions = reading?.type === "read" && reading.set.captions !== undefined;
  const written = useMemo(
    () => mistakesOf(draft, { hasPublicSet, hasCaptions, teachers }),
    [draft, hasPublicSet, hasCaptions, teachers],
  );
  const inSets: Mistakes = {
    ...faultOf("public", sets.public),
    ...faultOf("test", sets.test),
  };
  const known = { ...written, ...inSets };
  const all = { ...refused, ...known };

  const publicFiles = sets.public.files.length;
  const testFiles = sets.test.files.length;
  useEffect(() => {
    if (!isRestored) return;
    const now = [
      ...(publicFiles > 0 ? (["public"] as const) : []),
      ...(testFiles > 0 ? (["test"] as const) : []),
    ];
    if (now.join() !== chosen.join()) set({ chosen: now });
  }, [isRestored, publicFiles, testFiles, chosen, set]);

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
  const edit: typeof change = (changes) => {
    setRefused({});
    change(changes);
  };

  const create = async () => {
    setFailure(undefined);
    setSent(0);
    try {
      const task = parseTask(definitionOf(draft));
      const zip = await packTask({
        task,
        sets: { ...setOf("public", sets.public), ...setOf("test", sets.test) },
      });
      const blob = new Blob([zip as Uint8Array<ArrayBuffer>], { type: "application/zip" });
      const made = await upload<TaskUploadView>("/api/tasks/import", blob, setSent);
      keepDraft(undefined);
      router.push(`/tasks/${made.task.id}`);
    } catch (error) {
      setSent(undefined);
      const mistake = mistakeOfRefusal(messageOf(error));
      if (!mistake) return setFailure(messageOf(error));
      setRefused(mistake);
      const [at] = Object.keys(mistake).map(stepOf);
      go(at);
      showMistakes(at);
    }
  };
  const onward = () => {
    // What the server has refused it may take now: it is asked again.
    setRefused({});
    if (Object.keys(mistakesOfStep(known, step)).length > 0) return showMistakes(step);
    if (step < lastStep) return go(step + 1);
    if (Object.keys(known).length === 0) void create();
  };

  const Part = parts[step];
  const props = { draft, change: edit, sets, teachers, backbones, lost };
  const isBusy = sent !== undefined;
  const isReading = Object.values(sets).some(({ reading }) => reading?.type === "progress");
  return (
    <div className="grid items-start gap-x-8 gap-y-5 lg:grid-cols-[12rem_minmax(0,1fr)]">
      <StepList step={step} reached={reached} go={go} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onward();
        }}
        className="min-w-0 rounded-2xl border border-line bg-surface p-5 sm:p-8"
      >
        <p className="figures text-xs text-ink-faint">
          Step {step + 1} of {steps.length}
        </p>
        <h2 ref={heading} tabIndex={-1} className="mt-1 text-xl font-semibold outline-none">
          {steps[step].title}
        </h2>
        <p className="mt-1 mb-7 max-w-prose text-sm text-ink-soft">{leads[step]}</p>
        <ShownMistakes value={tried.has(step) ? all : inSets}>
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
            onClick={() => (step === 0 ? router.push("/tasks") : go(step - 1))}
          >
            <ArrowLeft aria-hidden="true" /> {step === 0 ? "Cancel" : "Back"}
          </Button>
          <Button type="submit" tone="primary" disabled={isBusy || (isReading && step >= setStep)}>
            {step < lastStep ? "Next" : isBusy ? "Creating…" : "Create the task"}
            {step < lastStep && <ArrowRight aria-hidden="true" />}
          </Button>
        </div>
      </form>
    </div>
  );
}

const faultOf = (path: "public" | "test", { reading }: SetChoice): Mistakes =>
  reading?.type === "failed"
    ? { [path]: "Choose other files, or take these away: the study can do without." }
    : {};

const setOf = (path: "public" | "test", { reading }: SetChoice) =>
  reading?.type === "read" ? { [path]: reading.set } : {};

const Sending = ({ fraction }: { readonly fraction: number }) => (
  <div className="mb-6">
    <p role="status" className="mb-2 text-sm text-ink-soft">
      {fraction < 1 ? "Sending the task…" : "The server reads it…"}
    </p>
    <ProgressBar label="Sending the task" fraction={fraction} />
  </div>
);

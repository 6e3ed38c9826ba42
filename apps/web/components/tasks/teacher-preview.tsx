"use client";

import { longestPrompt, mostPreviewed } from "@tandem/protocol/preview";
import { Paintbrush, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { type PreviewOf, usePreview } from "../../lib/tasks/use-preview";
import { text } from "../../text/tasks";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { ProgressBar } from "../ui/progress-bar";
import { Sheet } from "./sheet";

/** Pictures that an images API is asked for: it charges for each. */
const mostPaid = 4;

/** What one teacher paints for a study's prompts, once somebody asks for it. */
export function TeacherPreview({ title, of }: { readonly title: string; readonly of: PreviewOf }) {
  const isPaid = of.teacher.kind === "remote";
  const prompts = of.prompts
    .slice(0, isPaid ? mostPaid : mostPreviewed)
    .map((prompt) => prompt.slice(0, longestPrompt));
  const { view, isBusy, failure, paint, stop } = usePreview({ ...of, prompts });
  const own = useRef<HTMLElement>(null);
  const hasAsked = useRef(false);
  useEffect(() => {
    // The button that had the focus is gone.
    if (view?.state !== "done" || !hasAsked.current) return;
    if (document.activeElement === document.body) own.current?.focus();
    hasAsked.current = false;
  }, [view?.state]);
  const { state = "none", fraction = 0, sheet, problem } = view ?? {};
  return (
    <figure ref={own} tabIndex={-1} aria-label={title} className="min-w-0 outline-none">
      {sheet ? (
        <Sheet src={sheet} label={text.preview.paints(title, prompts)} className="w-full" />
      ) : (
        <div className="flex aspect-square flex-col items-stretch justify-center gap-3 rounded-xl border border-dashed border-line-strong p-4 text-center text-xs text-ink-soft">
          <p role="status">{text.preview.states[state]}</p>
          {isBusy && (
            <ProgressBar label={text.preview.painting(title)} fraction={fraction} tone="teacher" />
          )}
        </div>
      )}
      <figcaption className="mt-2 text-sm font-medium">{title}</figcaption>
      {!sheet && (
        <For who="spender">
          <Button
            className="mt-2"
            aria-label={isBusy ? text.preview.stopOf(title) : text.preview.paintOf(title)}
            onClick={() => {
              hasAsked.current = !isBusy;
              if (isBusy) stop();
              else paint();
            }}
          >
            {isBusy ? <Square aria-hidden="true" /> : <Paintbrush aria-hidden="true" />}
            {isBusy ? text.preview.stop : text.preview.paint(prompts.length)}
          </Button>
        </For>
      )}
      {!sheet && isPaid && (
        <p className="mt-1.5 text-xs font-medium text-teacher-ink">{text.preview.paid}</p>
      )}
      {(failure ?? problem) !== undefined && (
        <p role="alert" className="mt-2 text-xs font-medium break-words text-bad">
          {failure ?? problem}
        </p>
      )}
    </figure>
  );
}

/** The prompts of sheets, in their order. */
export const PromptsOfSheet = ({ prompts }: { readonly prompts: readonly string[] }) => (
  <details className="mt-4 text-sm">
    <summary className="cursor-pointer text-ink-soft">{text.preview.prompts}</summary>
    <ol className="mt-2 list-inside list-decimal columns-2 gap-6 text-ink-soft sm:columns-3">
      {prompts.slice(0, mostPreviewed).map((prompt) => (
        <li key={prompt} className="break-words">
          {prompt}
        </li>
      ))}
    </ol>
  </details>
);

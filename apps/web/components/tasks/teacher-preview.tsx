"use client";

import { plural } from "@tandem/core/format";
import { longestPrompt, mostPreviewed } from "@tandem/protocol/preview";
import { Paintbrush, Square } from "lucide-react";
import { useEffect, useRef } from "react";
import { type PreviewOf, usePreview } from "../../lib/tasks/use-preview";
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
        <Sheet
          src={sheet}
          label={`What ${title} paints for: ${prompts.join("; ")}`}
          className="w-full"
        />
      ) : (
        <div className="flex aspect-square flex-col items-stretch justify-center gap-3 rounded-xl border border-dashed border-line-strong p-4 text-center text-xs text-ink-soft">
          <p role="status">{stateTexts[state]}</p>
          {isBusy && (
            <ProgressBar label={`Painting: ${title}`} fraction={fraction} tone="teacher" />
          )}
        </div>
      )}
      <figcaption className="mt-2 text-sm font-medium">{title}</figcaption>
      {!sheet && (
        <For who="spender">
          <Button
            className="mt-2"
            aria-label={`${isBusy ? "Stop" : "Paint"}: ${title}`}
            onClick={() => {
              hasAsked.current = !isBusy;
              if (isBusy) stop();
              else paint();
            }}
          >
            {isBusy ? <Square aria-hidden="true" /> : <Paintbrush aria-hidden="true" />}
            {isBusy ? "Stop" : `Paint ${plural(prompts.length, "prompt")}`}
          </Button>
        </For>
      )}
      {!sheet && isPaid && (
        <p className="mt-1.5 text-xs font-medium text-teacher-ink">
          The images API charges for each of these pictures.
        </p>
      )}
      {(failure ?? problem) !== undefined && (
        <p role="alert" className="mt-2 text-xs font-medium break-words text-bad">
          {failure ?? problem}
        </p>
      )}
    </figure>
  );
}

const stateTexts = {
  none: "Not painted yet.",
  waiting: "Waiting: the server paints one sheet at a time.",
  painting: "Painting…",
  stopped: "Stopped.",
  failed: "It failed.",
  done: "",
} as const;

/** The prompts of sheets, in their order. */
export const PromptsOfSheet = ({ prompts }: { readonly prompts: readonly string[] }) => (
  <details className="mt-4 text-sm">
    <summary className="cursor-pointer text-ink-soft">Prompts, row by row</summary>
    <ol className="mt-2 list-inside list-decimal columns-2 gap-6 text-ink-soft sm:columns-3">
      {prompts.slice(0, mostPreviewed).map((prompt) => (
        <li key={prompt} className="break-words">
          {prompt}
        </li>
      ))}
    </ol>
  </details>
);

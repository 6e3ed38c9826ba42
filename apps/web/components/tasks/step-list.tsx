"use client";

import { Check } from "lucide-react";
import { steps } from "../../lib/tasks/mistakes";

type Props = {
  readonly step: number;
  /** The furthest that has been seen. */
  readonly reached: number;
  readonly go: (step: number) => void;
};

/** Where one is; what has been seen can be gone to. */
export function StepList({ step, reached, go }: Props) {
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-1.5 lg:flex-col lg:gap-1">
        {steps.map(({ title }, i) => {
          const isDone = i < reached && i !== step;
          return (
            <li key={title} className="min-w-0 flex-1 lg:flex-none">
              <button
                type="button"
                disabled={i > reached}
                aria-current={i === step ? "step" : undefined}
                onClick={() => go(i)}
                className={`flex w-full items-center gap-3 rounded-lg py-1.5 text-left text-sm lg:px-3 lg:py-2 ${i === step ? "font-semibold text-ink lg:bg-surface" : "text-ink-soft enabled:hover:text-ink disabled:text-ink-faint"}`}
              >
                <span
                  aria-hidden="true"
                  className={`hidden size-6 shrink-0 items-center justify-center rounded-full text-xs lg:flex ${i === step ? "bg-clients text-on-clients" : "bg-sunken"}`}
                >
                  {isDone ? <Check className="size-3.5" /> : i + 1}
                </span>
                <span
                  aria-hidden="true"
                  className={`h-1.5 w-full rounded-full lg:hidden ${i <= step ? "bg-clients" : "bg-line"}`}
                />
                <span className="sr-only lg:not-sr-only">{title}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

"use client";

import { Check, TriangleAlert } from "lucide-react";
import { steps } from "../../text/shared";

type Props = {
  readonly titles: readonly string[];
  readonly step: number;
  /** The furthest that can be gone to. */
  readonly reached: number;
  readonly done: ReadonlySet<number>;
  /** Those with something to mend. */
  readonly wrong?: ReadonlySet<number>;
  readonly go: (step: number) => void;
};

/** Where one is in a form of several screens; what has been seen can be gone to. */
export function StepList({ titles, step, reached, done, wrong = new Set(), go }: Props) {
  return (
    <nav aria-label={steps.label}>
      <ol className="flex gap-1.5 lg:flex-col lg:gap-1">
        {titles.map((title, i) => (
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
                className={`hidden size-6 shrink-0 items-center justify-center rounded-full text-xs lg:flex ${wrong.has(i) ? "bg-bad-soft text-bad" : i === step ? "bg-clients text-on-clients" : "bg-sunken"}`}
              >
                {wrong.has(i) ? (
                  <TriangleAlert className="size-3.5" />
                ) : done.has(i) ? (
                  <Check className="size-3.5" />
                ) : (
                  i + 1
                )}
              </span>
              <span
                aria-hidden="true"
                className={`h-1.5 w-full rounded-full lg:hidden ${wrong.has(i) ? "bg-bad" : i <= step ? "bg-clients" : "bg-line"}`}
              />
              <span className="sr-only lg:not-sr-only">{title}</span>
              {wrong.has(i) && <span className="sr-only">{steps.wrong}</span>}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

"use client";

import type { StrategyView } from "@tandem/protocol/view";
import { useFormContext } from "react-hook-form";

/** Radio cards: what each strategy is, where it comes from and what it needs. */
export function StrategyChoice({ strategies }: { readonly strategies: readonly StrategyView[] }) {
  const { register } = useFormContext();
  return (
    <fieldset>
      <legend className="sr-only">Strategy</legend>
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {strategies.map((strategy) => (
          <label
            key={strategy.name}
            className="relative flex flex-col rounded-xl border border-line p-4 transition-colors hover:border-line-strong has-checked:border-clients has-checked:bg-clients-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-clients"
          >
            <span className="flex items-center gap-2.5">
              <input
                type="radio"
                value={strategy.name}
                {...register("strategy")}
                className="size-4 accent-clients"
              />
              <span className="text-sm font-semibold">{strategy.title}</span>
            </span>
            <span className="mt-2 text-sm text-ink-soft">{strategy.summary}</span>
            <Needs needs={strategy.needs} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Needs({ needs }: { readonly needs: StrategyView["needs"] }) {
  const texts = [
    needs.teacher ? "Uses the teacher" : "No teacher",
    needs.equalArchitectures ? "Equal models per modality" : "Any mix of models",
  ];
  return (
    <span className="mt-auto flex flex-wrap gap-x-3 pt-3 text-xs text-ink-faint">
      {texts.map((text) => (
        <span key={text}>{text}</span>
      ))}
    </span>
  );
}

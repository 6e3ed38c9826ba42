"use client";

import type { StrategyView } from "@tandem/protocol/view";
import { useFormContext } from "react-hook-form";
import { RadioCard } from "../ui/radio-card";

type Props = {
  readonly strategies: readonly StrategyView[];
  /** Why one cannot run on what is chosen. */
  readonly unfit: (strategy: StrategyView) => string | undefined;
};

/** Radio cards: what each strategy is, where it comes from and what it needs. */
export function StrategyChoice({ strategies, unfit }: Props) {
  const { register } = useFormContext();
  return (
    <fieldset>
      <legend className="sr-only">Strategy</legend>
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {strategies.map((strategy) => (
          <RadioCard
            key={strategy.name}
            title={strategy.title}
            reason={unfit(strategy)}
            value={strategy.name}
            {...register("strategy")}
          >
            <span className="mt-2 text-sm text-ink-soft">{strategy.summary}</span>
            <Needs needs={strategy.needs} />
          </RadioCard>
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

"use client";

import type { StrategyView } from "@tandem/protocol/view";
import { type FieldError, get, useFormContext } from "react-hook-form";
import { text } from "../../text/new-experiment";
import { Button } from "../ui/button";
import { RadioCard } from "../ui/radio-card";

type Props = {
  readonly strategies: readonly StrategyView[];
  readonly chosen: StrategyView | undefined;
  /** Why one cannot run on what is chosen. */
  readonly unfit: (strategy: StrategyView) => string | undefined;
  /** How many settings the chosen one has, and the way to them. */
  readonly settings: number;
  readonly showSettings: () => void;
};
const said = text.strategy;

/** All strategies by name, and what the chosen one is, where it comes from and what it needs. */
export function StrategyChoice({ strategies, chosen, unfit, settings, showSettings }: Props) {
  const { register, formState } = useFormContext();
  const error: FieldError | undefined = get(formState.errors, "strategy");
  return (
    <>
      <fieldset>
        <legend className="sr-only">{said.legend}</legend>
        <div className="grid gap-2.5 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
          {strategies.map((strategy) => (
            <RadioCard
              key={strategy.name}
              title={strategy.title}
              reason={unfit(strategy)}
              value={strategy.name}
              {...register("strategy")}
            >
              <span className="mt-1 pl-6.5 text-xs text-ink-faint">
                {strategy.needs.teacher ? said.teacher : said.noTeacher}
              </span>
            </RadioCard>
          ))}
        </div>
      </fieldset>
      {error && <p className="mt-2 text-sm font-medium text-bad">{error.message}</p>}
      {chosen && (
        <section
          aria-live="polite"
          className="mt-4 flex flex-wrap items-center justify-end gap-x-6 gap-y-3 rounded-xl bg-sunken px-4 py-3 text-sm"
        >
          <div className="min-w-64 flex-1">
            <h3 className="sr-only">{chosen.title}</h3>
            <p>{chosen.summary}</p>
            <p className="mt-1 text-xs text-ink-soft">
              {chosen.needs.equalArchitectures ? said.equal : said.anyMix}. {said.source}{" "}
              <Source source={chosen.source} />
            </p>
          </div>
          <Button onClick={showSettings}>{said.settings(settings)}</Button>
        </section>
      )}
    </>
  );
}

function Source({ source }: { readonly source: string }) {
  if (!source.startsWith("http")) return source;
  return (
    <a href={source} className="underline underline-offset-2 hover:text-ink">
      {source}
    </a>
  );
}

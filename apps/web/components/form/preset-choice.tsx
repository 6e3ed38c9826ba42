"use client";

import { useFormContext, useWatch } from "react-hook-form";
import {
  type FormShape,
  type FormValues,
  type PresetName,
  presetNames,
} from "../../lib/form/experiment-form";
import { presetChanges, presetText } from "../../lib/form/presets";
import type { Setting } from "../../lib/form/settings";
import { text } from "../../text/new-experiment";
import { RadioCard } from "../ui/radio-card";

type Props = {
  readonly shape: FormShape;
  readonly start: FormValues;
  readonly settings: readonly Setting[];
  /** Name of the experiment that the form began with. */
  readonly copied: string | undefined;
};
const said = text.presets;

/** Sets many settings at once, and says which. */
export function PresetChoice({ shape, start, settings, copied }: Props) {
  const form = useFormContext<FormValues>();
  const preset = useWatch<FormValues, "preset">({ name: "preset" });
  const choose = (to: PresetName) => {
    const changes = presetChanges(shape, form.getValues(), { start, to });
    for (const [path, raw] of changes) form.setValue(path as never, raw as never);
    form.setValue("preset", to);
    if (form.formState.isSubmitted) void form.trigger();
  };
  const sets = presetText(preset, settings);
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{said.legend}</legend>
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {presetNames.map((name) => {
          const isCopy = name === "start" && copied !== undefined;
          return (
            <RadioCard
              key={name}
              name="preset"
              title={isCopy ? said.copy.title : said.titles[name]}
              value={name}
              checked={preset === name}
              onChange={() => choose(name)}
            >
              <span className="mt-1.5 text-xs text-ink-soft">
                {isCopy ? said.copy.summary(copied) : said.summaries[name]}
              </span>
            </RadioCard>
          );
        })}
      </div>
      <p role="status" className="mt-2 min-h-8 text-xs text-ink-soft">
        {sets && `${said.sets(sets)} ${said.keeps}`}
      </p>
    </fieldset>
  );
}

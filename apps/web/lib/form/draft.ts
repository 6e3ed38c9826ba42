import { type FormValues, presetNames, type SweepValues } from "./experiment-form";
import type { RawValues } from "./schema-fields";
import { mostSettings } from "./sweep";

/** A form that somebody has begun, and where they are in it. */
export type Draft = { readonly values: FormValues; readonly step: number };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What of `kept` has a place in `start`, of the same type; what `start` has and `kept` lacks stays. */
function merged(start: RawValues, kept: unknown): RawValues {
  if (!isObject(kept)) return start;
  return Object.fromEntries(
    Object.entries(start).map(([name, own]) => {
      const found = kept[name];
      if (isObject(own)) return [name, merged(own as RawValues, found)];
      return [name, typeof found === typeof own ? (found as typeof own) : own];
    }),
  );
}

/** The draft that `text` holds, on a form that would start with `start`; undefined: it holds none. */
export function parseDraft(text: string, start: FormValues, lastStep: number): Draft | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(kept) || !isObject(kept.values)) return undefined;
  const { strategy, experiment, settings, preset, references, sweep } = kept.values;
  const { step } = kept;
  return {
    step: Number.isInteger(step) ? Math.min(Math.max(Number(step), 0), lastStep) : 0,
    values: {
      strategy:
        typeof strategy === "string" && Object.hasOwn(start.settings, strategy)
          ? strategy
          : start.strategy,
      experiment: merged(start.experiment, experiment),
      settings: merged(start.settings, settings) as FormValues["settings"],
      preset: presetNames.find((name) => name === preset) ?? "start",
      // They may be left out, and come from the start alone.
      references: Array.isArray(references) && references.length === 0 ? [] : start.references,
      sweep: sweepOf(sweep) ?? start.sweep,
    },
  };
}

function sweepOf(kept: unknown): SweepValues | undefined {
  if (!isObject(kept) || !Array.isArray(kept.rows) || typeof kept.seeds !== "string")
    return undefined;
  const rows = kept.rows.flatMap((row: unknown) =>
    isObject(row) && typeof row.path === "string" && typeof row.values === "string"
      ? [{ path: row.path, values: row.values }]
      : [],
  );
  return { rows: rows.slice(0, mostSettings), seeds: kept.seeds };
}

/** Of what a form starts with, so that drafts of different copies do not meet. */
export const draftKey = (of: readonly string[]): string =>
  ["tandem.experiment-draft", ...of].join("/");

/** Whether somebody has entered anything. */
export const isBegun = (values: FormValues, start: FormValues): boolean =>
  JSON.stringify(inOrder(values)) !== JSON.stringify(inOrder(start));

const inOrder = ({ strategy, experiment, settings, preset, references, sweep }: FormValues) => [
  ...[strategy, Object.entries(experiment).sort(), preset, references, sweep.rows, sweep.seeds],
  Object.entries(settings)
    .sort()
    .map(([name, own]) => [name, Object.entries(own).sort()]),
];

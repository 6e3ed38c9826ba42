import { listed } from "@tandem/core/format";
import type { JsonObject } from "@tandem/core/json";
import type { FormShape, FormValues, PresetName } from "./experiment-form";
import { initialValues, type RawValue } from "./schema-fields";
import { rawOf, type Setting, settingsOf } from "./settings";

/** Settings by name: the experiment's, and those of any strategy that has them. */
const presets: Readonly<Record<PresetName, JsonObject>> = {
  start: {},
  quick: {
    ...{ rounds: 2, slots: 6, minClients: 1, deadlineMs: 60_000 },
    ...{ localEpochs: 1, warmUpEpochs: 2, items: 64, samplingSteps: 4, transferEpochs: 2 },
    ...{ candidates: 1, finetuneSteps: 10, evaluationItems: 16 },
  },
  // experiments/fm-cap-strategies.json
  paper: {
    ...{ rounds: 8, slots: 10, minClients: 10, alpha: 0.1 },
    ...{ localEpochs: 2, warmUpEpochs: 8, batchSize: 32, learningRate: 0.002 },
    ...{ items: 256, transferEpochs: 3, cachedSets: 3, guidance: 2, critics: "none" },
    ...{ finetuneSteps: 120, finetuneBatch: 32, finetuneRate: 0.003 },
    ...{ replayShare: 0.9, evaluationItems: 256 },
  },
  fleet: {
    ...{ rounds: 50, slots: 64, minClients: 16, participation: 0.25, sampling: "capable" },
    ...{ quorum: 0.5, deadlineMs: 300_000, answerPrecision: "coarse", colours: 8 },
  },
};

/** What a preset sets of these settings, as the form would show it. */
function rawsOf(preset: PresetName, settings: readonly Setting[]): ReadonlyMap<string, RawValue> {
  const values = presets[preset];
  return new Map(
    settings
      .filter(({ field }) => Object.hasOwn(values, field.name))
      .map(({ field, path }) => [path, initialValues([field], values)[field.name]]),
  );
}

/**
 * What changes in the form when another preset is chosen, by path: values of the former that nobody
 * has changed go back to the start's, and the new one's are set.
 */
export function presetChanges(
  shape: FormShape,
  values: FormValues,
  { start, to }: { readonly start: FormValues; readonly to: PresetName },
): ReadonlyMap<string, RawValue> {
  const { dataset } = values.experiment;
  // Of every strategy: whoever looks at another one finds it set as well.
  const settings = shape.strategies.flatMap(({ name }) =>
    settingsOf(shape, { strategy: name, dataset }),
  );
  const former = [...rawsOf(values.preset, settings)].filter(
    ([path, raw]) => rawOf(values, path) === raw,
  );
  return new Map([
    ...former.map(([path]) => [path, rawOf(start, path)] as const),
    ...rawsOf(to, settings),
  ]);
}

/** "Rounds 2, Places 6 and …", of the settings that are asked for. */
export function presetText(preset: PresetName, settings: readonly Setting[]): string {
  const raws = rawsOf(preset, settings);
  const parts = settings
    .filter(({ path }) => raws.has(path))
    .map(({ field, path }) => `${field.title} ${raws.get(path)}${unitOf(field)}`);
  return listed(parts, "and");
}

const unitOf = (field: Setting["field"]) =>
  field.kind === "number" && field.unit ? ` ${field.unit}` : "";

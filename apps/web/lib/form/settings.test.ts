import { experimentConfig } from "@tandem/protocol/experiment-config";
import { membersOf, parseSweep } from "@tandem/protocol/sweep";
import type { TaskView } from "@tandem/protocol/view";
import { strategies } from "@tandem/strategies/registry";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { strategyView } from "../../server/strategy-view";
import { checkForm } from "./check-form";
import { draftKey, isBegun, parseDraft } from "./draft";
import {
  type FormShape,
  type FormValues,
  presetNames,
  readForm,
  startValues,
} from "./experiment-form";
import { formEstimate } from "./form-estimate";
import { presetChanges, presetText } from "./presets";
import {
  changedOf,
  groupsOf,
  lastStep,
  ofStep,
  rawOf,
  search,
  settingsOf,
  stepOfPath,
} from "./settings";
import { readSweep, sweepBody } from "./sweep";

const emoji: TaskView = {
  ...{ id: "emoji-style", data: "dealt", name: "Emoji" },
  ...{ description: "", base: "emoji-style" },
};
const shape: FormShape = {
  schema: z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" }),
  strategies: strategies.map(strategyView),
  tasks: [emoji],
};
const start = startValues(shape);
const named = (values: FormValues, changes: FormValues["experiment"] = {}): FormValues => ({
  ...values,
  experiment: { ...values.experiment, name: "E", ...changes },
});
const settingsFor = (strategy: string) => settingsOf(shape, { strategy, dataset: emoji.id });
const settings = settingsFor("fedmmkt");
const titles = (some: typeof settings) => some.map(({ field }) => field.title);

it("each setting is on one screen, and what is under Advanced in groups that fit on one", () => {
  expect(titles(ofStep(settings, 0))).toEqual(["Name", "Task", "Label skew α"]);
  expect(titles(ofStep(settings, 2)).slice(0, 3)).toEqual(["Rounds", "Places", "Clients to start"]);
  for (const { name } of shape.strategies) {
    const own = settingsFor(name);
    expect(new Set(own.map(({ path }) => path)).size).toBe(own.length);
    for (const { path, step } of own) expect(stepOfPath(path), path).toBe(step);
    for (const group of groupsOf(own)) {
      const count = own.filter((one) => one.step === 3 && one.group === group).length;
      expect(count, `${name}, ${group}`).toBeLessThanOrEqual(9);
    }
  }
});

it("a setting is found by its label, its name and its description", () => {
  const found = (query: string) => titles(search(settings, query));
  expect(found("clients to start")[0]).toBe("Clients to start");
  expect(found("minClients")).toEqual(["Clients to start"]);
  expect(found("DEADLINEMS")).toEqual(["Deadline"]);
  expect(found("dirichlet")).toEqual([]);
  expect(found("turns noise")).toEqual(["Sampling steps"]);
  expect(found("fine tuning steps")).toEqual(["Fine-tuning steps"]);
  expect(found("  ")).toEqual([]);
});

it("a preset sets values that the form takes, and gives back what nobody has changed", () => {
  for (const to of presetNames) {
    const changes = presetChanges(shape, start, { start, to });
    const values = applied(start, changes, to);
    expect(readForm(shape, named(values)).errors, to).toEqual([]);
    for (const path of changes.keys()) expect(rawOf(start, path), path).toBeDefined();
    const touched = named(values, { rounds: "77" });
    const back = applied(touched, presetChanges(shape, touched, { start, to: "start" }), "start");
    expect(back, to).toEqual(named(start, { rounds: "77" }));
  }
  const quick = applied(start, presetChanges(shape, start, { start, to: "quick" }), "quick");
  expect(quick.experiment).toMatchObject({ rounds: "2", minClients: "1", deadlineMs: "60" });
  expect(quick.settings.dsfl).toMatchObject({ items: "64" });
  expect(presetText("quick", settings)).toMatch(/^Rounds 2, Places 6, .*Deadline 60 s, .* and /);
  expect(presetText("quick", settingsFor("fedavg"))).not.toContain("Synthetic set");
  const time = (values: FormValues) => formEstimate(shape, values)?.cost.apartMs ?? Number.NaN;
  expect(time(quick)).toBeLessThan(time(start) / 4);
});

function applied(
  values: FormValues,
  changes: ReadonlyMap<string, unknown>,
  preset: FormValues["preset"],
): FormValues {
  const next = structuredClone({ ...values, preset }) as Record<string, unknown>;
  for (const [path, raw] of changes) {
    const keys = path.split(".");
    let at = next;
    for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
    at[keys[keys.length - 1]] = raw;
  }
  return next as unknown as FormValues;
}

it("what differs from the defaults is known, however it is written", () => {
  expect(changedOf(settings, start)).toEqual([]);
  const values = named(start, { quorum: "0,6", deadlineMs: "120.0", participation: "0.5" });
  expect(titles(changedOf(settings, values))).toEqual(["Name", "Participation"]);
});

const swept = (rows: readonly [string, string][], seeds = "", changes = {}): FormValues => ({
  ...named(start, changes),
  sweep: { rows: rows.map(([path, values]) => ({ path, values })), seeds },
});

it("a sweep is what the server takes, in the units that people write", () => {
  expect(readSweep(start, settings)).toBeUndefined();
  const values = swept(
    [
      ["experiment.alpha", "0.1, 100"],
      ["experiment.deadlineMs", "60; 90"],
      ["settings.fedmmkt.gate", "on off"],
      ["settings.fedmmkt.robust", "mean"],
    ],
    "1,2,3",
  );
  const sweep = readSweep(values, settings);
  expect(sweep).toMatchObject({
    ...{ errors: [], count: 24, seeds: [1, 2, 3] },
    grid: {
      ...{ alpha: [0.1, 100], deadlineMs: [60_000, 90_000] },
      ...{ "strategyConfig.gate": [true, false], "strategyConfig.robust": ["mean"] },
    },
  });
  if (!sweep) throw new Error("it is one");
  const members = membersOf(parseSweep(sweepBody(readForm(shape, values).value, sweep)));
  expect(members).toHaveLength(24);
  expect(members.map(({ config }) => experimentConfig.parse(config).seed).slice(0, 3)).toEqual([
    1, 2, 3,
  ]);
  expect(
    readSweep(swept([["experiment.rounds", "1,2"]], "", { seed: "9" }), settings),
  ).toMatchObject({ seeds: [9], count: 2 });
});

it("a sweep's mistakes are at their rows", () => {
  const wrong = (rows: readonly [string, string][], seeds?: string) =>
    readSweep(swept(rows, seeds), settings)?.errors.map(({ path, message }) => [path, message]);
  const values = "sweep.rows.0.values";
  expect(wrong([["experiment.alpha", ""]])).toEqual([
    [values, expect.stringMatching(/^Enter the/)],
  ]);
  expect(wrong([["experiment.alpha", "1, x"]])).toEqual([[values, "“x” is not a number."]]);
  expect(wrong([["experiment.rounds", "1, 0"]])).toEqual([[values, "0: Must be at least 1."]]);
  expect(wrong([["experiment.rounds", "2 2.0 3"]])).toEqual([
    [values, "2 is there twice: leave one."],
  ]);
  expect(wrong([["settings.fedavg.items", "1"]])).toEqual([
    ["sweep.rows.0.path", expect.stringContaining("no such setting")],
  ]);
  const twice = [["experiment.rounds", "1"] as const, ["experiment.rounds", "2"] as const];
  expect(wrong(twice.map(([path, value]) => [path, value]))).toEqual([
    ["sweep.rows.1.path", expect.stringContaining("listed already")],
  ]);
  expect(wrong([["experiment.rounds", "1 2 3 4 5 6 7 8 9"]], "1 2 3 4 5 6 7 8")).toEqual([
    ["sweep.seeds", expect.stringMatching(/^These are 72 experiments/)],
  ]);
  expect(checkForm(shape, swept([["experiment.alpha", "x"]])).errors).toHaveLength(1);
});

it("a draft comes back as it was left, and only what has a place in the form", () => {
  const values = {
    ...named(start, { rounds: "9x" }),
    strategy: "fedavg",
    preset: "quick" as const,
  };
  const text = JSON.stringify({ values, step: 3 });
  expect(parseDraft(text, start, lastStep)).toEqual({ values, step: 3 });
  expect(isBegun(values, start)).toBe(true);
  expect(isBegun(start, structuredClone(start))).toBe(false);
  const foreign = JSON.stringify({
    step: 99,
    values: {
      ...{ strategy: "gone", preset: "gone", references: [{ label: "x" }] },
      experiment: { rounds: 9, seed: "4", gone: "1", __proto__: { x: "1" } },
      settings: { fedavg: "none", gone: {} },
      sweep: { rows: [{ path: 1 }, null], seeds: "" },
    },
  });
  const mended = parseDraft(foreign, start, lastStep);
  expect(mended).toEqual({
    step: lastStep,
    values: { ...start, experiment: { ...start.experiment, seed: "4" } },
  });
  for (const broken of ["", "null", "[]", "{", '{"values":[]}'])
    expect(parseDraft(broken, start, lastStep), broken).toBeUndefined();
  expect(draftKey([])).not.toBe(draftKey(["copy", "a"]));
});

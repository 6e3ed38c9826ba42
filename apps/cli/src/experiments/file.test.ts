import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseExperiment, readExperiment } from "@tandem/simulation/experiment-file/file";
import {
  describeRetired,
  hashOf,
  isSameConfig,
  planRuns,
} from "@tandem/simulation/experiment-file/plan";
import { strategyNamed } from "@tandem/strategies/registry";
import { describe, expect, it } from "vitest";
import { root } from "../harness/server-process";
import { readAllRecords } from "./record";

const file = {
  name: "small",
  description: "Two runs.",
  base: { dataset: "emoji-style", rounds: 2, clients: 4, strategyConfig: { localEpochs: 1 } },
  runs: [
    { name: "local", strategy: "local" },
    {
      name: "prompts",
      strategy: "synthetic-only",
      strategyConfig: { items: 16 },
      config: { rounds: 3 },
    },
  ],
  seeds: [1, 2],
  baseline: "local",
};
type Changes = { readonly [K in keyof typeof file]?: unknown };
const parse = (changes: Changes & { readonly [key: string]: unknown } = {}) =>
  parseExperiment("experiments/small.json", JSON.stringify({ ...file, ...changes }));
const plan = (changes: Changes = {}) => planRuns("experiments/small.json", parse(changes));

it("a run is the base with its own changes and every default", () => {
  const [local, prompts] = plan();
  expect(local).toEqual({
    name: "local",
    config: {
      dataset: "emoji-style",
      rounds: 2,
      clients: 4,
      slots: 4,
      alpha: 0.5,
      strategy: "local",
      strategyConfig: expect.objectContaining({ localEpochs: 1, batchSize: 32 }),
    },
  });
  expect(prompts.config.rounds).toBe(3);
  expect(prompts.config.strategyConfig).toMatchObject({ localEpochs: 1, items: 16 });
});

it("what is missing is part of a run only where something is", () => {
  const [local, holed] = plan({
    base: { ...file.base, missingClients: 0, task: "classification" },
    runs: [run, { ...run, name: "holed", config: { missingSamples: 0.5, task: "both" } }],
    baseline: "local",
  });
  expect(local).toEqual(plan()[0]);
  expect(holed.config).toEqual({ ...local.config, missingSamples: 0.5, task: "both" });
  expect(hashOf(holed.config)).not.toBe(hashOf(local.config));
});

const run = file.runs[0];
it.each<[string, Changes & { readonly [key: string]: unknown }, RegExp]>([
  ["an unknown field", { rnds: 3 }, /small\.json: the file: there is no rnds: use name, descr/],
  ["one inside", { base: { roundz: 1 } }, /base: there is no roundz: use dataset, rounds, clients/],
  ["one of a run", { runs: [{ ...run, set: 1 }] }, /runs\.0: there is no set: use name, strategy/],
  ["a number out of bounds", { base: { rounds: 0 } }, /base\.rounds: .*>=1/],
  [
    "an attack that there is not",
    { base: { attack: { kind: "sybil", share: 0.3 } } },
    /base\.attack\.kind: .*"random"\|"label-flip"\|"colluding"/,
  ],
  [
    "a share above all",
    { base: { attack: { kind: "random", share: 3 } } },
    /base\.attack\.share: .*<=1/,
  ],
  ["a task that there is not", { base: { task: "sorting" } }, /base\.task: .*"retrieval"/],
  ["a share of more than all", { base: { missingClients: 2 } }, /base\.missingClients: .*<=1/],
  ["a missing field", { description: undefined }, /description: .*string/],
  ["another name than the file's", { name: "large" }, /name: "large" must be .* "small"/],
  ["a run's name twice", { runs: [run, run] }, /runs: the name local is there twice/],
  ["a seed twice", { seeds: [3, 3] }, /seeds 3 is there twice/],
  [
    "a baseline that is no run",
    { baseline: "fedavg" },
    /baseline: .*"fedavg": use .*local, prompts/,
  ],
])("refuses %s", (_, changes, message) => {
  expect(() => parse(changes)).toThrow(message);
});

it("refuses what is not JSON, and names all that is wrong at once", () => {
  expect(() => parseExperiment("x.json", "{")).toThrow(/x\.json: not JSON/);
  expect(() => parse({ seeds: [], runs: [] })).toThrow(/runs: .*seeds: /s);
});

it.each<[string, Changes, RegExp]>([
  [
    "an unknown strategy",
    { runs: [{ ...run, strategy: "fedsgd" }] },
    /runs\.0 \(local\)\.strategy: .*"fedsgd": use one of fedmmkt/,
  ],
  [
    "a setting that the strategy has not",
    { runs: [{ ...run, strategyConfig: { items: 8 } }] },
    /runs\.0 \(local\): local: .*items/,
  ],
  [
    "a shared setting that is out of its bounds",
    { base: { strategyConfig: { localEpochs: -1 } } },
    /local: localEpochs: .*>=0/,
  ],
  [
    "a shared setting of no strategy",
    { base: { strategyConfig: { localEpoch: 1 } } },
    /base\.strategyConfig\.localEpoch: no strategy .* use one of batchSize/,
  ],
  [
    "an attack that cannot be forged for the strategy",
    { base: { attack: { kind: "colluding", share: 0.3 } } },
    /runs\.0 \(local\): attack: "colluding" forges .* fedmmkt or creamfl, not of local: use label-flip/,
  ],
  [
    "an attack on critics where there are none",
    {
      runs: [{ name: "local", strategy: "fedmmkt", strategyConfig: { critics: "none" } }],
      base: { attack: { kind: "critic", share: 0.3 } },
    },
    /runs\.0 \(local\): attack: "critic" forges what clients' critics say, and critics are "none"/,
  ],
  [
    "a share that is nobody",
    { base: { clients: 4, attack: { kind: "label-flip", share: 0.1 } } },
    /attack: a share of 0\.1 of 4 clients is nobody: raise it/,
  ],
  [
    "faults that cannot be",
    { base: { faults: { leave: [{ clients: 1, round: 9 }] } } },
    /runs\.0 \(local\): faults: .*rounds 2 to 5, not 9/,
  ],
  ["more clients than slots", { base: { clients: 4, slots: 3 } }, /4 clients do not fit 3 slots/],
  ["an unknown data set", { base: { dataset: "mnist" } }, /"mnist": use one of emoji-style/],
])("plans nothing with %s", (_, changes, message) => {
  expect(() => plan(changes)).toThrow(message);
});

it("a run is attacked as the base is, until it says otherwise; a share of 0 is no attack", () => {
  const attack = { kind: "label-flip", share: 0.5 };
  const honest = { attack: { kind: "label-flip", share: 0 } };
  const [attacked, spared] = plan({
    base: { ...file.base, attack },
    runs: [run, { ...run, name: "spared", config: honest }],
    baseline: "local",
  });
  expect(attacked.config.attack).toEqual(attack);
  const [{ config }] = plan();
  expect(spared.config).toEqual(config);
  expect(hashOf(spared.config)).toBe(hashOf(config));
  expect(isSameConfig(config, attacked.config)).toBe(false);
  const more = { ...attacked.config, attack: { kind: "label-flip", share: 0.75 } as const };
  expect(isSameConfig(attacked.config, more)).toBe(false);
});

it("what befalls clients and how many are asked is part of a run only where it is not nothing", () => {
  const faults = { drop: 0.5, late: 0, join: [{ clients: 1, round: 2 }] };
  const [faulty, spared, sampled] = plan({
    base: { ...file.base, faults },
    runs: [
      run,
      { ...run, name: "spared", config: { faults: {}, sampling: "capable" } },
      { ...run, name: "sampled", config: { faults: { drop: 0 }, participation: 0.5 } },
    ],
    baseline: "local",
  });
  const [{ config }] = plan();
  const { late: _, ...some } = faults;
  expect(faulty.config).toEqual({ ...config, faults: some });
  expect(spared.config).toEqual(config);
  expect(sampled.config).toEqual({ ...config, participation: 0.5, sampling: "random" });
  expect(new Set([faulty, spared, sampled].map((one) => hashOf(one.config))).size).toBe(3);
});

it("a configuration is the same until a value differs, and with a new field at its default", () => {
  const [{ config }] = plan();
  const { batchSize, ...older } = config.strategyConfig;
  expect(batchSize).toBe(32);
  const recorded = { ...config, strategyConfig: older };
  const changed = (values: object) => ({
    ...config,
    strategyConfig: { ...config.strategyConfig, ...values },
  });
  expect(isSameConfig(config, config)).toBe(true);
  expect(isSameConfig(recorded, config)).toBe(true);
  expect(isSameConfig(recorded, changed({ batchSize: 16 }))).toBe(false);
  expect(isSameConfig(config, changed({ localEpochs: 2 }))).toBe(false);
  expect(isSameConfig(config, { ...config, alpha: 0.1 })).toBe(false);
  expect(hashOf(config)).not.toBe(hashOf({ ...config, rounds: 3 }));
});

describe("settings that are gone", () => {
  const painted = (name: string, strategyConfig: object) => ({
    name,
    strategy: "fedmmkt",
    strategyConfig,
  });
  const [usual, at, other] = plan({
    runs: [
      painted("usual", {}),
      painted("at", { prototypes: false, studentEpochs: 2 }),
      painted("other", { prototypes: true }),
    ],
    baseline: "usual",
  });

  it("at their last defaults are what is planned now, also in old records", () => {
    expect(at.config).toEqual(usual.config);
    const { retired } = strategyNamed("fedmmkt");
    const recorded = {
      ...usual.config,
      strategyConfig: { ...usual.config.strategyConfig, ...retired?.lastDefaults },
    };
    expect(Object.keys(recorded.strategyConfig)).toContain("abTest");
    expect(isSameConfig(recorded, usual.config)).toBe(true);
    expect(isSameConfig(recorded, other.config)).toBe(false);
    const { prototypes: _, ...older } = recorded.strategyConfig;
    expect(isSameConfig({ ...recorded, strategyConfig: older }, usual.config)).toBe(true);
    const changed = { ...recorded, strategyConfig: { ...recorded.strategyConfig, abTest: true } };
    expect(isSameConfig(changed, usual.config)).toBe(false);
  });

  it("count for nothing where no value of them does", () => {
    const { parse } = strategyNamed("fedmmkt");
    const [named] = plan({ runs: [painted("usual", { abstention: false })], baseline: "usual" });
    expect(named.config).toEqual(usual.config);
    for (const abstention of [true, false]) {
      const strategyConfig = { ...usual.config.strategyConfig, abstention };
      expect(isSameConfig({ ...usual.config, strategyConfig }, usual.config)).toBe(true);
      expect(parse({ abstention })).toEqual(parse({}));
    }
  });

  it("at other values are planned as they were recorded, and told", () => {
    expect(other.config.strategyConfig).toEqual({
      ...usual.config.strategyConfig,
      prototypes: true,
    });
    const recorded = { ...usual.config.strategyConfig, abTest: false, prototypes: true };
    expect(isSameConfig({ ...other.config, strategyConfig: recorded }, other.config)).toBe(true);
    expect(describeRetired([usual, other])).toMatch(
      /^other \(prototypes\); a commit .* [0-9a-f]{7}$/,
    );
    expect(describeRetired([usual, at])).toBeUndefined();
  });

  it("are refused by the strategy itself, but for their last defaults", () => {
    const { parse } = strategyNamed("fedmmkt");
    expect(parse({ prototypes: false })).toEqual(parse({}));
    expect(() => parse({ prototypes: true })).toThrow(
      /fedmmkt: prototypes: there is no such setting any more: .* commit [0-9a-f]{7}, which has it/,
    );
  });
});

it("every file of experiments/ can be planned", async () => {
  const folder = join(root, "experiments");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const path = join(folder, name);
    expect(planRuns(path, await readExperiment(path)).length).toBeGreaterThan(0);
  }
});

it("every setting of a record is one that its strategy has, or had", async () => {
  const records = await readAllRecords(join(root, "results"));
  expect(records.length).toBeGreaterThan(0);
  const unknown = records.flatMap(({ config: { strategy, strategyConfig } }) => {
    const { parse, retired } = strategyNamed(strategy);
    const known = Object.keys({ ...parse({}), ...retired?.lastDefaults });
    return Object.keys(strategyConfig).filter(
      (field) => !known.includes(field) && !retired?.idle?.includes(field),
    );
  });
  expect(unknown).toEqual([]);
});

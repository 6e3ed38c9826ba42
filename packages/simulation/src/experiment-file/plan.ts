import { createHash } from "node:crypto";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { Benchmark, Sampling } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import type { ClientTask } from "@tandem/core/model";
import { datasetNames } from "@tandem/datasets/registry";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { type AnyStrategy, strategyNamed, withoutRetired } from "@tandem/strategies/registry";
import { type Attack, attackersOf } from "../attacks";
import { type Faults, planFaults, someFaults } from "../faults";
import type { ExperimentFile } from "./file";

/** All that decides a run's numbers, but for its seed; the strategy's defaults are in. */
export type RunConfig = {
  readonly dataset: string;
  readonly rounds: number;
  readonly clients: number;
  readonly slots: number;
  readonly alpha: number;
  /** Of the experiment's fields about what is held and measured, those that are not at their default. */
  readonly missingClients?: number | undefined;
  readonly missingSamples?: number | undefined;
  readonly lateCaptions?: number | undefined;
  readonly task?: ClientTask | undefined;
  readonly benchmark?: Benchmark | undefined;
  readonly strategy: string;
  /** With settings that are retired, where they are not at their last default: see `retiredIn`. */
  readonly strategyConfig: JsonObject;
  /** By the run's seed; absent: everybody is honest. */
  readonly attack?: Omit<Attack, "seed"> | undefined;
  /** Absent: a round asks all. */
  readonly participation?: number | undefined;
  readonly sampling?: Sampling | undefined;
  /** By the run's seed; absent: nothing befalls anybody. */
  readonly faults?: Omit<Faults, "seed"> | undefined;
};
export type Run = { readonly name: string; readonly config: RunConfig };

export const changeableFields = [
  "missingClients",
  "missingSamples",
  "lateCaptions",
  "task",
  "benchmark",
] as const satisfies readonly (keyof RunConfig)[];

/** Every run of a file in full. Throws `bad-config` with a line for each that is wrong. */
export function planRuns(path: string, file: ExperimentFile): readonly Run[] {
  const problems: string[] = [];
  const attempt = <T>(where: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      problems.push(`${path}: ${where}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const runs = file.runs.flatMap((run, i) => {
    const where = `runs.${i} (${run.name})`;
    const strategy = attempt(`${where}.strategy`, () => strategyNamed(run.strategy));
    const config = strategy && attempt(where, () => runConfig(file, run, strategy));
    return config ? [{ name: run.name, config }] : [];
  });
  const used = new Set(runs.flatMap(({ config }) => Object.keys(config.strategyConfig)));
  for (const field of Object.keys(file.base.strategyConfig))
    if (problems.length === 0 && !used.has(field))
      problems.push(
        `${path}: base.strategyConfig.${field}: no strategy of the runs has it: leave it out, or use one of ${[...used].sort().join(", ")}`,
      );
  if (problems.length > 0) throw new TandemError("bad-config", problems.join("\n"));
  return runs;
}

function runConfig(
  { base, name }: ExperimentFile,
  run: ExperimentFile["runs"][number],
  strategy: AnyStrategy,
): RunConfig {
  const { strategyConfig: shared, ...common } = base;
  const given = { ...common, ...run.config };
  const { clients = 6, slots = clients, attack, faults = {}, ...fixed } = given;
  if (clients > slots)
    throw new TandemError("bad-config", `${clients} clients do not fit ${slots} slots`);
  const parsed = experimentConfig.parse({ name, ...fixed });
  const { dataset, rounds, alpha, participation, sampling } = parsed;
  const usual = experimentConfig.parse({ name });
  const changed = changeableFields.filter((field) => parsed[field] !== usual[field]);
  if (!datasetNames.includes(dataset))
    throw new TandemError(
      "bad-config",
      `there is no data set "${dataset}": use one of ${datasetNames.join(", ")}`,
    );
  const lies = attack !== undefined && attack.share > 0;
  const usualConfig = defaultsOf(strategy);
  const known = Object.entries(shared).filter(([field]) => Object.hasOwn(usualConfig, field));
  const asked = { ...Object.fromEntries(known), ...run.strategyConfig };
  const { current, gone } = withoutRetired(asked, strategy.retired);
  const strategyConfig = strategy.parse(current);
  if (lies)
    attackersOf({ ...attack, seed: 0 }, { clients, strategy: run.strategy, strategyConfig });
  planFaults({ ...faults, seed: 0 }, { clients, rounds });
  const befalls = someFaults(faults);
  return {
    dataset,
    rounds,
    clients,
    slots,
    alpha,
    ...Object.fromEntries(changed.map((field) => [field, parsed[field]])),
    strategy: run.strategy,
    strategyConfig: { ...strategyConfig, ...gone },
    ...(lies && { attack }),
    ...(participation < 1 && { participation, sampling }),
    ...(befalls && { faults: befalls }),
  };
}

/** Of all settings, retired ones included. */
function defaultsOf({ schema, retired }: AnyStrategy): JsonObject {
  const fields = schema.properties as Readonly<Record<string, JsonObject>>; // of an object's JSON Schema
  const own = Object.entries(fields).map(([field, { default: value }]) => [field, value] as const);
  return { ...Object.fromEntries(own), ...retired?.lastDefaults };
}

/** Settings of a run that its strategy has no longer: it is reported from its records, and cannot be run. */
export const retiredIn = ({ strategy, strategyConfig }: RunConfig): readonly string[] =>
  Object.keys(withoutRetired(strategyConfig, strategyNamed(strategy).retired).gone);

/** In words, those of the runs that have any, and how to have them; undefined where none has. */
export function describeRetired(runs: readonly Run[]): string | undefined {
  const gone = runs.filter(({ config }) => retiredIn(config).length > 0);
  if (gone.length === 0) return undefined;
  const told = gone.map(({ name, config }) => `${name} (${retiredIn(config).join(", ")})`);
  const commits = gone.map(({ config }) => strategyNamed(config.strategy).retired?.commit);
  return `${told.join(", ")}; a commit with these settings is ${[...new Set(commits)].join(", ")}`;
}

/** Twelve hexadecimal digits that differ wherever configurations do. */
export function hashOf(config: RunConfig): string {
  const sorted = (value: object) => Object.fromEntries(Object.entries(value).sort());
  const { strategyConfig, attack, faults } = config;
  const text = JSON.stringify(
    sorted({
      ...config,
      strategyConfig: sorted(strategyConfig),
      ...(attack && { attack: sorted(attack) }),
      ...(faults && { faults: sorted(faults) }),
    }),
  );
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/**
 * What was recorded is what is planned now. A field that the strategy did not have then, or has no
 * longer, must be at its default, or at what stands for what was there before, unless it is idle: neither
 * a new switch nor a retired one makes old results void.
 */
export function isSameConfig(recorded: RunConfig, planned: RunConfig): boolean {
  const strategy = strategyNamed(planned.strategy);
  const usual = defaultsOf(strategy);
  const inFull = (config: RunConfig, before: JsonObject) => {
    const all = Object.entries({ ...before, ...config.strategyConfig });
    const telling = all.filter(([field]) => !strategy.retired?.idle?.includes(field));
    return hashOf({ ...config, strategyConfig: Object.fromEntries(telling) });
  };
  return inFull(recorded, { ...usual, ...strategy.formerly }) === inFull(planned, usual);
}

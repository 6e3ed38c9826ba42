import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, Sampling } from "@tandem/core/experiment";
import { adapterZip } from "@tandem/diffusion/lora/adapter-zip";
import { readPeft } from "@tandem/diffusion/lora/peft";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { type Attack, attackersOf } from "@tandem/simulation/attacks";
import { type Faults, planFaults } from "@tandem/simulation/faults";
import type { SimulationResult } from "@tandem/simulation/simulate";
import type { Settings } from "../options";
import { durations, runSimulation } from "./run";

export type DatasetRun = {
  readonly rounds: number;
  readonly seed: number;
  readonly strategy: string;
  readonly clients: number;
  /** By the seed. */
  readonly attack?: Omit<Attack, "seed">;
  /** By the seed. */
  readonly faults?: Omit<Faults, "seed">;
  /** Path of what the teacher has learned before. */
  readonly adapter?: string;
  readonly participation: number;
  readonly sampling: Sampling;
  readonly out: string;
  /** Of the strategy. */
  readonly set: Settings;
  /** Of the experiment. */
  readonly config: Settings;
  readonly force: boolean;
  readonly signal: AbortSignal;
};

/** Fields of an experiment that have no option to themselves. */
export const settableFields: readonly string[] = [
  "alpha",
  "slots",
  "quorum",
  "missingClients",
  "missingSamples",
  "lateCaptions",
  "task",
  "benchmark",
] satisfies readonly (keyof ExperimentConfig)[];

/**
 * One strategy on one data set, with metrics.jsonl and summary.json as its result. Throws before
 * anything runs where the folder is not empty, a field is not to be set, or the attack is not known for
 * the strategy.
 */
export async function simulateDataset(dataset: string, options: DatasetRun): Promise<void> {
  const { strategy, rounds, seed, clients, participation, sampling, out, set, signal } = options;
  const odd = Object.keys(options.config).filter((field) => !settableFields.includes(field));
  if (odd.length > 0)
    throw new TandemError(
      "bad-config",
      `--config cannot set ${odd.join(", ")}: use ${settableFields.join(", ")}.`,
    );
  const attack = options.attack && { ...options.attack, seed };
  if (attack) attackersOf(attack, { clients, strategy, strategyConfig: set });
  const faults = options.faults && { ...options.faults, seed };
  if (faults) planFaults(faults, { clients, rounds });
  if (!options.force && existsSync(out) && readdirSync(out).length > 0)
    throw new TandemError(
      "conflict",
      `${out} is not empty: choose another folder, or use --force.`,
    );
  const result = await runSimulation({
    config: {
      name: `${dataset}, ${strategy}`,
      strategy,
      strategyConfig: set,
      dataset,
      rounds,
      seed,
      participation,
      sampling,
      slots: Math.max(12, clients),
      deadlineMs: 3_600_000,
      ...options.config,
    },
    clients,
    ...(attack && { attack }),
    ...(faults && { faults }),
    adapter: options.adapter,
    onView: reporter(),
    signal,
  });
  await write(options, result);
  process.stdout.write(`wrote ${join(out, "summary.json")}\n`);
}

/** One line for each phase entered and each round done. */
function reporter() {
  let last = "";
  let reported = 0;
  return ({ round, phase, rounds, config }: ExperimentView) => {
    for (const done of rounds.filter((r) => r.endedAt !== undefined && r.round > reported)) {
      reported = done.round;
      process.stdout.write(`${describe(done, config.rounds)}\n`);
    }
    const now = `round ${round}/${config.rounds}: ${phase}`;
    if (now !== last && reported < round) process.stdout.write(`  ${now}\n`);
    last = now;
  };
}

const percent = (value: number | undefined) =>
  value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;

function describe(
  { round, metrics, uploads, cohort, bytesUp, bytesDown, phases, endedAt = 0 }: RoundView,
  rounds: number,
) {
  const seconds = ((endedAt - (phases[0]?.at ?? endedAt)) / 1000).toFixed(1);
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  return [
    `round ${round}/${rounds} done in ${seconds} s`,
    `${uploads} of ${cohort} clients`,
    `up ${kilobytes(bytesUp)}, down ${kilobytes(bytesDown)}`,
    `accuracy ${percent(metrics["accuracy/mean"])}`,
    ...("teacher/promptAccuracy" in metrics
      ? [`teacher ${percent(metrics["teacher/promptAccuracy"])}`]
      : []),
  ].join(" · ");
}

async function write(
  options: DatasetRun,
  { view, metrics, attackers, adapter }: SimulationResult,
): Promise<void> {
  const lines = metrics.map((record) => JSON.stringify(record));
  const summary = {
    config: view.config,
    ...(options.attack && { attack: options.attack, attackers }),
    ...(options.faults && { faults: options.faults }),
    ...(options.adapter && { adapter: options.adapter }),
    clients: view.clients.map(({ slot, modality, architecture, source, samples }) => ({
      slot,
      modality,
      architecture,
      source,
      samples,
    })),
    rounds: view.rounds.map(
      ({ round, cohort, uploads, refused, bytesUp, bytesDown, metrics: own }) => ({
        round,
        cohort,
        uploads,
        refused,
        bytesUp,
        bytesDown,
        metrics: own,
      }),
    ),
    // Everything above is the same in each run of one seed on one machine; this is not.
    timing: {
      node: process.version,
      phaseMs: view.rounds.map((round) => ({ round: round.round, ...durations(round) })),
    },
  };
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, "metrics.jsonl"), `${lines.join("\n")}\n`);
  if (adapter) await writeFile(join(options.out, "adapter.zip"), adapterZip(readPeft(adapter)));
  await writeFile(join(options.out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
}

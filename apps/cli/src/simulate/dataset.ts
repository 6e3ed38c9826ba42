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
import type { Virtual } from "@tandem/simulation/virtual-client";
import { progressLine, type Settings } from "../options";
import { durations, type OwnStudy, runSimulation } from "./run";
import { inFolder, participationOf } from "./virtual";

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
  /** Clients that a round asks, in place of a share of them; the others are not in memory meanwhile. */
  readonly cohort?: number;
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

/** What a run is on: a shipped data set, or a task with what each client brings. */
export type Subject = {
  /** Of the data set, or the task's id. */
  readonly dataset: string;
  /** Of the experiment. */
  readonly name: string;
  readonly study?: OwnStudy;
  /** What the summary says beside. */
  readonly about?: (result: SimulationResult) => object;
};

/** Throws where the folder is not empty, a field is not to be set, or attack or faults are not possible. */
export function checkRun(options: DatasetRun): void {
  const { strategy, rounds, seed, clients, out, set, attack, faults, cohort } = options;
  const odd = Object.keys(options.config).filter((field) => !settableFields.includes(field));
  if (odd.length > 0)
    throw new TandemError(
      "bad-config",
      `--config cannot set ${odd.join(", ")}: use ${settableFields.join(", ")}.`,
    );
  if (attack) attackersOf({ ...attack, seed }, { clients, strategy, strategyConfig: set });
  if (cohort !== undefined) participationOf(cohort, clients);
  if (faults) planFaults({ ...faults, seed }, { clients, rounds });
  if (!options.force && existsSync(out) && readdirSync(out).length > 0)
    throw new TandemError(
      "conflict",
      `${out} is not empty: choose another folder, or use --force.`,
    );
}

/**
 * One strategy on one subject, with metrics.jsonl and summary.json as its result. Throws what `checkRun`
 * does before anything runs.
 */
export async function simulateOne(
  { dataset, name, study, about }: Subject,
  options: DatasetRun,
): Promise<SimulationResult> {
  checkRun(options);
  const { strategy, rounds, seed, clients, cohort, sampling, out, set, signal } = options;
  const { attack, faults } = options;
  const participation =
    cohort === undefined ? options.participation : participationOf(cohort, clients);
  const run = (virtual?: Virtual) =>
    runSimulation({
      virtual,
      config: {
        name,
        strategy,
        strategyConfig: set,
        dataset,
        rounds,
        seed,
        participation,
        sampling,
        slots: study ? clients : Math.max(12, clients),
        deadlineMs: 3_600_000,
        ...options.config,
      },
      clients,
      study,
      ...(attack && { attack: { ...attack, seed } }),
      ...(faults && { faults: { ...faults, seed } }),
      adapter: options.adapter,
      onView: reporter(),
      ...(virtual && { onJoined: joiningReporter(clients) }),
      signal,
    });
  const result = await (cohort === undefined ? run() : inFolder(run));
  await write(options, result, about?.(result));
  process.stdout.write(`wrote ${join(out, "summary.json")}\n`);
  return result;
}

/** A line for each tenth of the clients, which thousands are a while about. */
const joiningReporter = (clients: number) => {
  const say = progressLine(process.stderr);
  return (count: number) => say(count / clients, `${count} of ${clients} clients have joined`);
};

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

export const percent = (value: number | undefined) =>
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
  about: object = {},
): Promise<void> {
  const lines = metrics.map((record) => JSON.stringify(record));
  const summary = {
    config: view.config,
    ...about,
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

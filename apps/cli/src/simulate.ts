import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { Phase } from "@tandem/core/experiment";
import { datasetNames, loadDataset } from "@tandem/datasets/dataset";
import { startNodeEngine } from "@tandem/engine/node";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { type SimulationResult, simulate } from "@tandem/simulation/simulate";
import { strategies } from "@tandem/strategies/registry";
import { startTeacherProcess } from "@tandem/teacher/process";
import { Command, InvalidArgumentError } from "commander";

type Options = {
  readonly rounds: number;
  readonly seed: number;
  readonly strategy: string;
  readonly clients: number;
  readonly out: string;
  readonly set: Readonly<Record<string, number | boolean | string>>;
  readonly force?: boolean;
};

const natural = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError("must be a whole number");
  return value;
};

/** `key=value` of the strategy's configuration, with numbers and booleans as such. */
function setting(text: string, known: Options["set"] = {}): Options["set"] {
  const [key, value] = text.split("=");
  if (!key || value === undefined) throw new InvalidArgumentError("must be key=value");
  const parsed = value === "true" ? true : value === "false" ? false : Number(value);
  return { ...known, [key]: Number.isNaN(parsed) ? value : parsed };
}

export const simulateCommand = (): Command =>
  new Command("simulate")
    .description(
      "Run an experiment with virtual clients in this process; the same seed gives the same numbers.",
    )
    .argument("<dataset>", `data set: ${datasetNames.join(" or ")}`)
    .option("--rounds <n>", "rounds", natural, 5)
    .option("--seed <n>", "seed of partition, weights and sampling", natural, 1)
    .option("--strategy <name>", strategies.map(({ name }) => name).join(", "), "fedmmkt")
    .option("--clients <n>", "virtual clients", natural, 6)
    .requiredOption("--out <dir>", "folder for metrics.jsonl and summary.json")
    .option("--set <key=value...>", "strategy configuration", setting, {})
    .option("--force", "write into a folder that is not empty")
    .action(run);

async function run(dataset: string, options: Options): Promise<void> {
  if (!options.force && existsSync(options.out) && readdirSync(options.out).length > 0)
    throw new TandemError(
      "conflict",
      `${options.out} is not empty: choose another folder, or use --force.`,
    );
  const abort = new AbortController();
  process.once("SIGINT", () => abort.abort());
  const source = await loadDataset(dataset);
  await startNodeEngine();
  const teacher = startTeacherProcess({ dataset });
  try {
    const result = await simulate({
      config: {
        name: `${dataset}, ${options.strategy}`,
        strategy: options.strategy,
        strategyConfig: options.set,
        dataset,
        rounds: options.rounds,
        seed: options.seed,
        slots: Math.max(12, options.clients),
        deadlineMs: 3_600_000,
      },
      clients: options.clients,
      source,
      teacher: () => teacher,
      clock: {
        now: Date.now,
        after(delayMs, callback) {
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
      },
      onView: reporter(),
      log: (message) => process.stderr.write(`${message}\n`),
      signal: abort.signal,
    });
    await write(options, result);
    process.stdout.write(`wrote ${join(options.out, "summary.json")}\n`);
  } finally {
    await (await teacher).close();
  }
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

const durations = ({ phases, endedAt }: RoundView): Readonly<Partial<Record<Phase, number>>> =>
  Object.fromEntries(
    phases.map(({ phase, at }, i) => [phase, (phases[i + 1]?.at ?? endedAt ?? at) - at]),
  );

async function write(options: Options, { view, metrics }: SimulationResult): Promise<void> {
  const lines = metrics.map((record) => JSON.stringify(record));
  const summary = {
    config: view.config,
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
  await writeFile(join(options.out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
}

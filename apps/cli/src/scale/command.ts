import { writeFile } from "node:fs/promises";
import { decimal } from "@tandem/core/decimal";
import { Command, InvalidArgumentError, Option } from "commander";
import { json, save } from "../bench/save";
import { atMost, natural, positive, whole } from "../options";
import { readConstants } from "./constants";
import { type Design, designs, type Method, type Scenario } from "./costs";
import { constantsTable, notes, studiesTable, usePlot } from "./report";
import { studyOf } from "./study";

type ScaleOptions = Omit<Scenario, "clients" | "design" | "nodes" | "teachers"> & {
  readonly clients: readonly number[];
  readonly design?: Design;
  readonly nodes?: number;
  readonly teachers: number;
  readonly constants?: string;
  readonly listConstants?: true;
  readonly plot?: string;
  readonly json?: string;
};

const [mostClients, mostCohort, mostRounds] = [1e9, 1e5, 1000] as const;

export const scaleCommand = (): Command =>
  new Command("scale")
    .description("simulate a deployment with up to millions of clients, and name its bottleneck")
    .addOption(
      new Option("--clients <n>", "clients online, or several numbers with commas")
        .argParser(numbersOfClients)
        .default([1e4, 1e5, 1e6], "1e4,1e5,1e6"),
    )
    .option("--cohort <n>", "answers that a round waits for", atMost(mostCohort), 1000)
    .option(
      "--over-selection <x>",
      "clients selected for each of them, 1 to 10",
      overSelection,
      1.3,
    )
    .addOption(
      new Option("--design <name>", "the only design to simulate (default: each)").choices(designs),
    )
    .option(
      "--nodes <n>",
      "web nodes of designs that have several (default: one for 10,000 connections, or for 100,000 clients that check in, and for 1,000 answers; two at least)",
      atMost(10_000),
    )
    .option("--teachers <n>", "teachers that paint side by side", atMost(1000), 1)
    .addOption(
      new Option("--method <name>", "what clients upload")
        .choices(["fedavg", "fedmmkt"] satisfies readonly Method[])
        .default("fedmmkt"),
    )
    .option("--parameters <n>", "of fedavg's model", natural, 100_000)
    .option("--pictures <n>", "that fedmmkt's teacher paints for a round", whole, 256)
    .option("--rounds <n>", "rounds to simulate", atMost(mostRounds), 10)
    .option("--deadline <seconds>", "seconds that a round waits for its answers", positive, 600)
    .option("--kill-every <n>", "rounds from one node's death to the next; 0: none", whole, 0)
    .option("--seed <n>", "seed of training times, drop-outs and arrivals", whole, 1)
    .option("--constants <file>", "JSON object of constants in place of those that are known")
    .option("--list-constants", "print every constant with its origin, and simulate nothing")
    .option("--plot <file>", "also draw the use of web nodes by clients, as an SVG")
    .option(...json)
    .action(scale);

async function scale(options: ScaleOptions): Promise<void> {
  const { constants: path, listConstants, plot, json: file, clients, design, ...rest } = options;
  if (listConstants) {
    process.stdout.write(constantsTable());
    return;
  }
  const constants = await readConstants(path);
  const studies = clients.flatMap((n) =>
    (design ? [design] : designs).map((one) =>
      studyOf({ ...rest, clients: n, design: one, nodes: nodesOf(one, n, rest) }, constants),
    ),
  );
  process.stdout.write(studiesTable(studies) + notes(studies));
  await save(file, { constants, studies });
  if (plot) {
    await writeFile(plot, usePlot(studies));
    process.stdout.write(`wrote ${plot}\n`);
  }
}

function nodesOf(
  design: Design,
  clients: number,
  { nodes, cohort }: Pick<ScaleOptions, "nodes" | "cohort">,
): number {
  if (design === "one") return 1;
  const each = design === "nodes" ? 1e4 : 1e5;
  return nodes ?? Math.max(2, Math.ceil(clients / each), Math.ceil(cohort / 1000));
}

/** "1e4,1000000". */
function numbersOfClients(text: string): readonly number[] {
  return text.split(",").map((one) => {
    const clients = decimal(one.trim());
    if (clients !== undefined && Number.isInteger(clients) && clients > 0 && clients <= mostClients)
      return clients;
    throw new InvalidArgumentError("give whole numbers from 1 to 1e9, such as 1e4,1e6.");
  });
}

function overSelection(text: string): number {
  const times = decimal(text);
  if (times !== undefined && times >= 1 && times <= 10) return times;
  throw new InvalidArgumentError("give a number from 1 to 10.");
}

import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Reference } from "@tandem/core/experiment";
import { formatPercent } from "@tandem/core/format";
import { Command } from "commander";
import { chromiumPath } from "../fleet/chromium";
import { fleetOf } from "../fleet/command";
import { startFleet } from "../fleet/tabs";
import { createApi, follow } from "../harness/rest-client";
import { freePort, root, startServer } from "../harness/server-process";
import { interruptible, natural, notice, portNumber } from "../options";
import { createProgress, roundLine } from "../progress";
import { controlAccuracy, measureControl, readControl } from "./control";
import { gains, gainsLine } from "./gains";
import { controlLabel, experimentOf, sizes, strategyConfig } from "./settings";

export type DemoFlags = {
  readonly rounds: number;
  readonly clients: number;
  readonly port: number;
  readonly fresh: boolean;
  readonly exit: boolean;
  readonly control: boolean;
};
type Sizes = Pick<DemoFlags, "rounds" | "clients">;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** The demo, or its control alone. */
const runDemo = (flags: DemoFlags): Promise<void> =>
  flags.control ? interruptible((signal) => runControl(flags, signal)) : runPlatform(flags);

/** The whole path on one machine: server, experiment, a fleet of tabs, all rounds. */
async function runPlatform({ rounds, clients, port, fresh, exit }: DemoFlags): Promise<void> {
  const directory = join(root, ".tandem/demo");
  if (fresh) await rm(directory, { recursive: true, force: true });
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => resolve("interrupted"));
  });
  say("· starting the server …");
  const server = await startServer({ port: await freePort(port), directory });
  try {
    const ran = run(server.url, { rounds, clients }).then(() => "finished" as const);
    const died = server.exited.then((code) => {
      throw new Error(`the server ended with code ${code}:\n${server.output().slice(-4000)}`);
    });
    died.catch(() => undefined); // also ends so when we stop it; the race reports the rest
    const outcome = await Promise.race([ran, interrupted, died]);
    if (outcome === "interrupted" || exit) return;
    say("The server stays up; Ctrl-C stops it.");
    await Promise.race([interrupted, died]);
  } finally {
    say("\n· stopping the server …");
    await server.stop();
  }
}

async function run(url: string, { rounds, clients }: Sizes): Promise<void> {
  const api = createApi(url);
  const { id } = await api.create({
    ...experimentOf(clients),
    name: "Emoji-Domain demo",
    strategy: "fedmmkt",
    strategyConfig,
    rounds,
    minClients: clients,
    references: await referencesOf({ rounds, clients }),
  });
  await api.start(id);
  const addresses = `\n  Dashboard  ${url}/experiments/${id}\n  Take part  ${url}/join/${id}\n`;
  say(addresses);
  say(`· opening ${clients} headless tabs …`);
  const fleet = await startFleet({
    url,
    experiment: id,
    clients: fleetOf(clients),
    executablePath: chromiumPath(root),
  });
  try {
    const view = await follow(api, id, ({ status }) => status === "finished", {
      timeoutMs: rounds * 10 * 60_000,
      onView: progress(gainsLine),
    });
    say(`\n${gains(view).join("\n")}\n${addresses}`);
  } finally {
    for (const { client, text } of fleet.errors) process.stderr.write(`${client}: ${text}\n`);
    await fleet.close();
  }
}

const progress = (lineOf: Parameters<typeof createProgress>[0]["lineOf"]) =>
  createProgress({
    write: (text) => process.stdout.write(text),
    live: process.stdout.isTTY,
    now: Date.now,
    lineOf,
  });

/** The line for clients that never met, where they were measured in these sizes. */
async function referencesOf(sizes: Sizes): Promise<readonly Reference[]> {
  const control = await readControl();
  const accuracy = controlAccuracy(control, sizes);
  if (accuracy !== undefined) return [{ label: controlLabel, accuracy }];
  notice(
    `clients that never met were not measured in these sizes (\`${control.command}\` was); add --control to do so`,
  );
  return [];
}

async function runControl({ rounds, clients }: Sizes, signal: AbortSignal): Promise<void> {
  const onView = progress((round) => roundLine(round, rounds));
  const { accuracies } = await measureControl({ rounds, clients, signal, onView });
  say(`${controlLabel}: ${accuracies.map(formatPercent).join(", ")}`);
}

export const demoCommand = (): Command =>
  new Command("demo")
    .description("run the Emoji-Domain experiment with a fleet of headless tabs")
    .option("--rounds <n>", "rounds to run", natural, sizes.rounds)
    .option("--clients <n>", "headless tabs; more can join by hand", natural, sizes.clients)
    .option(
      "--port <n>",
      "port of the server; another one is picked if it is busy",
      portNumber,
      3000,
    )
    .option("--fresh", "delete earlier demo runs", false)
    .option("--exit", "stop the server when the last round is over", false)
    .option(
      "--control",
      "measure instead what clients reach that never meet, and keep the result",
      false,
    )
    .action(runDemo);

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { chromiumPath } from "./fleet/chromium";
import { fleetOf } from "./fleet/command";
import { startFleet } from "./fleet/tabs";
import { createApi, follow } from "./harness/rest-client";
import { freePort, root, startServer } from "./harness/server-process";
import { natural, portNumber } from "./options";
import { createProgress } from "./progress";

export type DemoFlags = {
  readonly rounds: number;
  readonly clients: number;
  readonly port: number;
  readonly fresh: boolean;
  readonly exit: boolean;
};

const say = (text: string) => process.stdout.write(`${text}\n`);

/** The whole path on one machine: server, experiment, a fleet of tabs, all rounds. */
export async function runDemo({ rounds, clients, port, fresh, exit }: DemoFlags): Promise<void> {
  const directory = join(root, ".tandem/demo");
  if (fresh) await rm(directory, { recursive: true, force: true });
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => resolve("interrupted"));
  });
  say("· starting the server …");
  const server = await startServer({ port: await freePort(port), directory });
  try {
    const ran = run(server.url, rounds, clients).then(() => "finished" as const);
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

async function run(url: string, rounds: number, clients: number): Promise<void> {
  const api = createApi(url);
  const { id } = await api.create({
    name: "Emoji-Style demo",
    strategy: "fedmmkt",
    dataset: "emoji-style",
    rounds,
    slots: Math.max(12, clients),
    minClients: clients,
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
    const onView = createProgress({
      write: (text) => process.stdout.write(text),
      live: process.stdout.isTTY,
      now: Date.now,
    });
    await follow(api, id, ({ status }) => status === "finished", {
      timeoutMs: rounds * 10 * 60_000,
      onView,
    });
    say(addresses);
  } finally {
    for (const { client, text } of fleet.errors) process.stderr.write(`${client}: ${text}\n`);
    await fleet.close();
  }
}

export const demoCommand = (): Command =>
  new Command("demo")
    .description("run the Emoji-Style experiment with a fleet of headless tabs")
    .option("--rounds <n>", "rounds to run", natural, 5)
    .option("--clients <n>", "headless tabs; more can join by hand", natural, 6)
    .option(
      "--port <n>",
      "port of the server; another one is picked if it is busy",
      portNumber,
      3000,
    )
    .option("--fresh", "forget earlier demo runs", false)
    .option("--exit", "stop the server when the last round is over", false)
    .action(runDemo);

import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import { Command, Option } from "commander";
import { type Line, openLine } from "../harness/line";
import { type Api, createApi } from "../harness/rest-client";
import { root } from "../harness/server-process";
import { natural, token, whole } from "../options";
import { chromiumPath } from "./chromium";
import { type Destination, destinationOf } from "./destination";
import { clockSkewOf, parseFaults, skewClock, strikeFleet } from "./faults";
import { sayStandings } from "./standing";
import { type FleetClient, startFleet } from "./tabs";

export type FleetFlags = {
  readonly experiment?: string;
  readonly invitation?: string;
  readonly clients: number;
  readonly backend?: FleetClient["backend"];
  readonly faults: readonly string[];
  readonly seed: number;
  readonly token?: string;
};

const lookMs = 3000;

/** Places 0 … n - 1; the data set decides what each place holds. */
export const fleetOf = (count: number, backend: FleetClient["backend"] = "wasm"): FleetClient[] =>
  Array.from({ length: count }, (_, slot) => ({ slot, backend, name: `Tab ${slot + 1}` }));

export const fleetCommand = (): Command =>
  new Command("fleet")
    .description("open headless tabs that join an experiment, until Ctrl-C")
    .argument(
      "<url>",
      "address of the server, such as http://localhost:3000, or a join link in quotes",
    )
    .option("--experiment <id>", "id of the experiment to join, if the address is not a join link")
    .option(
      "--invitation <link>",
      "invitation link with enough uses for all tabs, or the part after its #",
    )
    .option("--clients <n>", "tabs to open", natural, 6)
    .addOption(
      new Option("--backend <name>", "backend that the tabs compute with")
        .choices(["webgpu", "webgl", "wasm", "cpu"] satisfies FleetClient["backend"][])
        .default("wasm"),
    )
    .option(
      "--faults <fault...>",
      "faults that strike a share of the tabs in each round, such as crash:0.1: drop, delay, freeze, corrupt, disconnect or crash; clock-skew:SECONDS sets every clock wrong by up to that",
      [],
    )
    .option("--seed <n>", "seed of the faults", whole, 1)
    .addOption(token())
    .action(runFleet);

async function runFleet(address: string, flags: FleetFlags): Promise<void> {
  const { clients, backend, seed } = flags;
  const { url, experiment, invitation } = destinationOf(address, flags);
  const { rates, clockSkew } = parseFaults(flags.faults);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const api = createApi(url, flags.token);
  const isOpen = () => requireOpen(api, { url, experiment });
  await isOpen();
  const lines = Object.keys(rates).length > 0 ? await breakableLines(url, clients) : [];
  const fleet = await startFleet({
    url: lines.length > 0 ? lines.map((line) => line.url + new URL(url).pathname) : url,
    experiment,
    ...(invitation !== undefined && { invitation }),
    clients: fleetOf(clients, backend),
    executablePath: chromiumPath(root),
    ...(clockSkew > 0 && {
      prepare: (page, tab) => skewClock(page, clockSkewOf(clockSkew, { seed, tab })),
    }),
  });
  say(`${plural(clients, "tab")} at ${url}/join/${experiment}; Ctrl-C ends them`);
  const standings = sayStandings({
    tabs: fleet.tabs,
    wayIn: `let it in at ${url}/experiments/${experiment}, or by npm run experiment -- admit ${experiment} --all --url ${url}`,
    say,
  });
  const end = sayEnd(isOpen, say);
  const strike = strikeFleet({ fleet, lines, rates, seed, say });
  const watch = setInterval(() => {
    // A server that is away strikes nobody.
    api
      .view(experiment)
      .then(strike, () => {})
      .catch((error) => say(messageOf(error)));
  }, 300);
  await new Promise((resolve) => process.once("SIGINT", resolve));
  clearInterval(watch);
  standings.stop();
  end.stop();
  for (const { client, text } of fleet.errors) process.stderr.write(`${client}: ${text}\n`);
  await fleet.close();
  for (const line of lines) await line.close();
}

/** Throws `not-found` and `conflict` where tabs would wait in vain. */
async function requireOpen(
  api: Pick<Api, "joining">,
  { url, experiment }: Pick<Destination, "url" | "experiment">,
): Promise<void> {
  const { isOver } = await api.joining(experiment).catch((error: unknown) => {
    if (codeOf(error) !== "not-found") throw error;
    throw new TandemError(
      "not-found",
      `${url} has no experiment ${experiment}: take the id from the end of its page's address`,
    );
  });
  if (isOver)
    throw new TandemError(
      "conflict",
      `experiment ${experiment} has ended, and nobody can join it any more: create another one`,
    );
}

/** Says once that the experiment has ended or is gone, until it is stopped. */
function sayEnd(requireOpen: () => Promise<void>, say: (text: string) => void): { stop(): void } {
  const look = setInterval(() => {
    requireOpen().catch((error: unknown) => {
      // A server that is away may come back.
      if (!["not-found", "conflict"].includes(codeOf(error) ?? "")) return;
      clearInterval(look);
      say(`${messageOf(error)}. Ctrl-C ends the tabs`);
    });
  }, lookMs);
  return { stop: () => clearInterval(look) };
}

/** One for each tab. They carry bytes as they are, under another address, which TLS would refuse. */
async function breakableLines(url: string, count: number): Promise<readonly Line[]> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "http:")
    throw new TandemError("not-supported", `faults need a server at http://, not ${url}`);
  const target = { host: hostname, port: Number(port || 80) };
  return Promise.all(Array.from({ length: count }, () => openLine(target)));
}

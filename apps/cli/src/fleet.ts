import { Command, InvalidArgumentError } from "commander";
import { chromiumPath, type FleetClient, startFleet } from "../../../e2e/fleet";
import { root } from "./server-process";

export type FleetFlags = {
  readonly experiment: string;
  readonly clients: number;
  readonly backend?: FleetClient["backend"];
};

/** Places 0 … n - 1; the data set decides what each place holds. */
export const fleetOf = (count: number, backend: FleetClient["backend"] = "wasm"): FleetClient[] =>
  Array.from({ length: count }, (_, slot) => ({ slot, backend, name: `Tab ${slot + 1}` }));

export const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("give a whole number");
  return value;
};

export const fleetCommand = (): Command =>
  new Command("fleet")
    .description("open headless tabs that join an experiment, until Ctrl-C")
    .argument("<url>", "address of the server, e.g. http://localhost:3000")
    .requiredOption("--experiment <id>", "experiment to join")
    .option("--clients <n>", "tabs to open", positive, 6)
    .option("--backend <name>", "webgpu, webgl, wasm or cpu", "wasm")
    .action(async (url: string, { experiment, clients, backend }: FleetFlags) => {
      const fleet = await startFleet({
        url,
        experiment,
        clients: fleetOf(clients, backend),
        executablePath: chromiumPath(root),
      });
      process.stdout.write(`${clients} tabs are in ${url}/join/${experiment}; Ctrl-C ends them\n`);
      await new Promise((resolve) => process.once("SIGINT", resolve));
      for (const { client, text } of fleet.errors) process.stderr.write(`${client}: ${text}\n`);
      await fleet.close();
    });

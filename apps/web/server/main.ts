import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "@tandem/core/errors";
import { startNodeEngine } from "@tandem/engine/node";
import { Command } from "commander";
import { natural, portNumber } from "./flags";
import { defaultLimits } from "./limits";
import { createLog } from "./log";
import { createMetrics } from "./metrics";
import { openPages } from "./pages";
import { openPlatform } from "./platform";
import { serve } from "./serve";

type Flags = {
  readonly port: number;
  readonly host?: string;
  readonly data: string;
  readonly dev: boolean;
  readonly apiOnly: boolean;
  readonly logLevel: string;
  readonly connectionsPerAddress: number;
  readonly requestsPerSecond: number;
};

async function run(flags: Flags): Promise<void> {
  const log = createLog(flags.logLevel);
  const directory = resolve(flags.data);
  await mkdir(directory, { recursive: true });
  const pages = flags.apiOnly ? undefined : await openPages({ dev: flags.dev });
  await startNodeEngine(); // some strategies train a small net on the server
  const metrics = createMetrics();
  const platform = await openPlatform({ directory, log, observe: metrics.observe });
  const { port, host, connectionsPerAddress, requestsPerSecond } = flags;
  const server = await serve({
    platform,
    metrics,
    metricsToken: process.env.TANDEM_METRICS_TOKEN,
    limits: { ...defaultLimits, connectionsPerAddress, requestsPerSecond },
    port,
    host,
    pages: pages?.handle,
    log,
  });
  process.env.TANDEM_ORIGIN = server.url; // the pages ask the REST interface
  process.stdout.write(`ready ${server.url}\n`);
  log.info({ directory }, "server ready");

  let closing = false;
  const close = async (signal: NodeJS.Signals) => {
    if (closing) process.exit(1); // asked twice: at once
    closing = true;
    log.info({ signal }, "closing");
    await server.close();
    await platform.close();
    await pages?.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      close(signal).catch((error: unknown) => {
        log.error({ err: error }, "could not close in order");
        process.exit(1);
      });
    });
}

await new Command("tandem-server")
  .description("Dashboard, join pages, REST and sockets in one process")
  .option("--port <number>", "0 takes a free one", portNumber, 3000)
  .option("--host <address>", "listen on this address only (default: all)")
  .option("--data <directory>", "experiments and blobs; created if missing", ".tandem")
  .option("--dev", "pages with hot reload instead of the production build", false)
  .option("--api-only", "no pages", false)
  .option(
    "--connections-per-address <n>",
    "at a time, web sockets included; behind a proxy all share its address",
    natural,
    defaultLimits.connectionsPerAddress,
  )
  .option(
    "--requests-per-second <n>",
    "of one address, after a burst of ten times as many",
    natural,
    defaultLimits.requestsPerSecond,
  )
  .option("--log-level <level>", "trace, debug, info, warn, error or silent", "info")
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });

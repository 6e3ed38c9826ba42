import { join, resolve } from "node:path";
import type { ObservedCommit } from "@tandem/coordinator/ports";
import { messageOf } from "@tandem/core/errors";
import { startNodeEngine } from "@tandem/engine/node";
import { makeFolder } from "@tandem/storage/make-folder";
import { isExposed, welcome } from "./accounts/exposure";
import { type ServerFlags, serverCommand } from "./command";
import { logCommit } from "./commit-log";
import { defaultLimits } from "./limits";
import { createLog } from "./log";
import { createMetrics } from "./metrics";
import { openPages } from "./pages";
import { openPlatform } from "./platform";
import { reachOf } from "./reach";
import { serve } from "./serve";

async function run(flags: ServerFlags): Promise<void> {
  const log = createLog(flags.logLevel);
  const directory = resolve(flags.data);
  await makeFolder(directory);
  const reach = await reachOf(flags, directory);
  const pages = flags.apiOnly
    ? undefined
    : await openPages({ dev: flags.dev, publicUrl: flags.publicUrl });
  await startNodeEngine(); // some strategies train a small net on the server
  const metrics = createMetrics();
  const observe = (commit: ObservedCommit) => {
    metrics.observe(commit);
    logCommit(log, commit);
  };
  const { port, connectionsPerAddress, requestsPerSecond, messagesPerClient } = flags;
  const { publicUrl } = reach;
  const { backupTo, backupEvery: everyMs, backupKeep: keep } = flags;
  const platform = await openPlatform({
    ...{ directory, log, observe },
    places: { readyWithinMs: 1000 * flags.readyWithin, shareOfAddress: flags.placesPerAddress },
    requestsPerSecond: messagesPerClient,
    quotas: {
      experimentBytes: flags.experimentStorage * 2 ** 20,
      reserveBytes: flags.diskReserve * 2 ** 20,
    },
    kept: { days: flags.auditDays, rows: flags.auditRows },
    onAuditLost: () => metrics.auditFailures.inc(),
    backups: backupTo ? { folder: resolve(backupTo), everyMs, keep } : undefined,
    onBackup: { good: metrics.backedUp, failed: () => metrics.failedBackups.inc() },
    url: publicUrl ?? new URL(`http://localhost:${port}`),
    isExposed: (hasOwner) => isExposed({ host: reach.listen(hasOwner).host, publicUrl }),
  });
  const { accounts } = platform;
  const { host, hint } = reach.listen(accounts.mode() === "accounts");
  const server = await serve({
    platform,
    backbones: join(directory, "backbones"),
    metrics,
    metricsToken: process.env.TANDEM_METRICS_TOKEN,
    publicUrl,
    allowedOrigins: flags.allowOrigin,
    allowedHosts: flags.allowHost,
    trustedProxies: flags.trustProxy,
    limits: { ...defaultLimits, connectionsPerAddress, requestsPerSecond, messagesPerClient },
    port,
    host,
    tls: reach.tls,
    pages: pages?.handle,
    isDev: flags.dev,
    log,
  });
  process.stdout.write(await welcome(accounts, publicUrl?.href ?? server.url));
  process.stdout.write(`ready ${server.url}\n`);
  log.info({ directory }, "server ready");
  process.stderr.write(`${hint}\n`);

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

await serverCommand()
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openCoordinator, randomNames } from "@tandem/coordinator/testing/world";
import { systemClock } from "@tandem/core/system-clock";
import { createMemoryAudit } from "@tandem/storage/memory-audit";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createAudit } from "../audit/audit";
import { createBackups } from "../backups";
import { defaultLimits, type Limits } from "../limits";
import { createMetrics, type ServerMetrics } from "../metrics";
import { serve } from "../serve";
import { withoutAccounts } from "./accounts";
import { testBases, testPreviews } from "./memory-tasks";
import { testPaintings } from "./paintings";

/** A log of who did what that nobody keeps. */
export const testAudit = (others: Partial<Parameters<typeof createAudit>[0]> = {}) =>
  createAudit({
    ...{ store: createMemoryAudit(), clock: systemClock, log: pino({ level: "silent" }) },
    ...{ days: 365, rows: 1000 },
    ...others,
  });

/** What a server stands on, in memory but for who may do what. */
export function memoryPlatform<T extends object>(rights: T, observe?: ServerMetrics["observe"]) {
  const [store, blobs, tasks] = [
    createMemoryExperiments(),
    createMemoryBlobs(),
    createMemoryTasks(),
  ];
  const world = { store, blobs, clock: systemClock, random: randomNames() };
  const coordinator = openCoordinator({ ...world, ...(observe && { observe }) });
  const bases = testBases({ tasks, blobs });
  const previews = testPreviews({ tasks, bases });
  const paintings = testPaintings(coordinator);
  const audit = testAudit();
  const backups = createBackups({
    ...{ server: "00000000", reserveBytes: 0, clock: systemClock, log: pino({ level: "silent" }) },
    take: () => Promise.reject(new Error("nothing to back up")),
  });
  const importLimits = {
    directory: join(tmpdir(), `tandem-imports-${randomUUID()}`),
    ...{ mostBytes: 2 ** 26, reserveBytes: 0, freeBytes: async () => 2 ** 40 },
  };
  const kept = { store, tasks, blobs, audit, backups, importLimits };
  return { coordinator, ...kept, bases, previews, paintings, ...rights };
}

/** The server, with everything in memory, until the test ends. */
export async function openServer(
  limits: Partial<Limits> = {},
  others: Partial<Omit<Parameters<typeof serve>[0], "platform" | "metrics" | "limits">> = {},
) {
  const metrics = createMetrics();
  const platform = memoryPlatform(await withoutAccounts(), metrics.observe);
  const { coordinator, store, blobs } = platform;
  const running = await serve({
    platform,
    metrics,
    backbones: join(tmpdir(), "tandem-no-backbones"),
    port: 0,
    log: pino({ level: "silent" }),
    ...others,
    limits: { ...defaultLimits, ...limits },
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= running.close();
    return closing;
  };
  onTestFinished(async () => {
    await close();
    await coordinator.close();
  });
  const { port } = new URL(running.url);
  return { coordinator, store, blobs, close, port: Number(port), url: `http://127.0.0.1:${port}` };
}

/** Asks from this loopback address, under whatever host. */
export async function from(
  localAddress: string,
  url: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) {
  const sent = request(url, { localAddress, agent: false, method, headers }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

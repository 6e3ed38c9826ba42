import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import { systemClock } from "@tandem/core/system-clock";
import { strategies } from "@tandem/strategies/registry";
import { createBlobHandler } from "@tandem/transport/blob-http";
import { createBodyRoom, giveRoom } from "@tandem/transport/body-room";
import { send } from "@tandem/transport/http";
import { failed } from "@tandem/transport/replies";
import { serveSockets } from "@tandem/transport/socket-server";
import type { Logger } from "pino";
import * as z from "zod/mini";
import type { Docs } from "../lib/docs/docs";
import { accountRoutes } from "./accounts/routes";
import { apiRoutes } from "./api-routes";
import { auditRoutes } from "./audit/routes";
import { backboneRoutes, createBackboneHandler } from "./backbone-files";
import { backupRoutes } from "./backup-routes";
import { basePathOf, withoutBase } from "./base-path";
import { createDocs } from "./docs/docs";
import { docsRoutes } from "./docs/routes";
import { drawPages, type Pages } from "./draw-pages";
import { exportRoutes } from "./exports/routes";
import { galleryRoutes } from "./gallery-routes";
import { createGate } from "./gate";
import { healthRoutes } from "./health-routes";
import { invitationRoutes } from "./invitation-routes";
import { type Limits, limit } from "./limits";
import { liveRoutes } from "./live-routes";
import { methodLabel, type ServerMetrics } from "./metrics";
import { openApiRoutes } from "./openapi/routes";
import { createOrigins } from "./origins";
import { paintingRoutes } from "./painting-routes";
import type { Platform } from "./platform";
import { runsOnClients } from "./pooled-data";
import { preparationRoutes } from "./preparation-routes";
import { previewRoutes } from "./preview-routes";
import { arrivalOf, arrive, trustedProxies as isProxyOf } from "./proxies";
import { faultOfUrl } from "./requests";
import { createAsker, createRouter } from "./router";
import { runRoutes } from "./run-routes";
import { harden } from "./security-headers";
import { strategyView } from "./strategy-view";
import { taskRoutes, teacherRoutes } from "./task-routes";
import { createTasks, type Tasks } from "./tasks";
import { createWasmHandler } from "./wasm-files";

/** PEM; `isOwn`: no authority has signed it, so that browsers may be let past it. */
export type Tls = { readonly cert: string; readonly key: string; readonly isOwn: boolean };
export type Running = {
  readonly url: string;
  /** Of the REST interface, as `GET /api/tasks`. */
  readonly routes: readonly string[];
  close(): Promise<void>;
};

const comeBackMs = 2000;
const drainMs = 5000;

type Served = Pick<
  Platform,
  | "coordinator"
  | "store"
  | "tasks"
  | "blobs"
  | "bases"
  | "paintings"
  | "previews"
  | "accounts"
  | "spending"
  | "costs"
  | "audit"
  | "backups"
  | "importLimits"
>;

/** The REST interface, that of `/healthz` and the like aside. */
const restRoutes = (
  { coordinator, store, tasks: records, bases, paintings, previews, ...others }: Served,
  {
    tasks,
    backbones,
    docs,
  }: { readonly tasks: Tasks; readonly backbones: string; readonly docs: Docs },
) => [
  ...apiRoutes({
    coordinator,
    store,
    tasks,
    costs: others.costs,
    strategies: strategies.filter(runsOnClients).map(strategyView),
    disclosureOf: ({ strategy, strategyConfig }) =>
      strategies.find(({ name }) => name === strategy)?.disclosure(strategyConfig),
  }),
  ...runRoutes({ coordinator, tasks, costs: others.costs }),
  ...galleryRoutes(coordinator),
  ...liveRoutes({ coordinator, store }),
  ...exportRoutes({
    ...{ coordinator, store, tasks, records, blobs: others.blobs },
    limits: others.importLimits,
  }),
  ...invitationRoutes(coordinator),
  ...taskRoutes(tasks),
  ...teacherRoutes(process.env),
  ...backboneRoutes(backbones),
  ...previewRoutes(previews),
  ...preparationRoutes({ tasks, store: records, bases, spend: others.spending.spend }),
  ...paintingRoutes(paintings),
  ...accountRoutes(others),
  ...auditRoutes(others.audit),
  ...openApiRoutes(),
  ...backupRoutes(others.backups),
  ...docsRoutes(docs),
];

/** REST, blobs, health, sockets and, where given, pages on one port. */
export async function serve(options: {
  readonly platform: Served;
  /** Whose folders are served as `/backbones/NAME/FILE`. */
  readonly backbones: string;
  readonly metrics: ServerMetrics;
  readonly metricsToken?: string | undefined;
  readonly limits: Limits;
  /** Where others find it. */
  readonly publicUrl?: URL | undefined;
  /** Of pages beside its own that may take part. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Names under which it answers, beside the public one and the machine's. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whose X-Forwarded-* is believed. */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly port: number;
  readonly tls?: Tls | undefined;
  readonly host?: string | undefined;
  readonly pages?: Pages | undefined;
  /** Whether the pages are built while they are looked at. */
  readonly isDev?: boolean | undefined;
  readonly log: Logger;
}): Promise<Running> {
  const { platform, metrics, metricsToken, limits, port, host, pages, log } = options;
  const { isDev = false, tls } = options;
  const { publicUrl, allowedOrigins = [], allowedHosts: hosts, trustedProxies = [] } = options;
  const origins = createOrigins({ publicUrl, allowed: allowedOrigins, hosts });
  const isTrusted = isProxyOf(trustedProxies);
  z.config(z.locales.en()); // refusals that name what is wrong
  const { coordinator, store, blobs, bases, accounts } = platform;
  const gate = createGate({
    ...{ accounts, audit: platform.audit },
    authorise: coordinator.authorise,
  });
  const tasks = createTasks({
    tasks: platform.tasks,
    experiments: store,
    blobs,
    bases,
    environment: process.env,
    now: systemClock.now,
    random: () => randomBytes(8).toString("hex"),
  });
  let draining = false;
  const logError = (error: unknown, request: IncomingMessage) =>
    log.error({ err: error, ...nameOf(request) }, "request failed");
  const health = healthRoutes({
    coordinator,
    store,
    metrics,
    metricsToken,
    isPublic: publicUrl !== undefined || trustedProxies.length > 0,
    isDraining: () => draining,
  });
  const basePath = basePathOf(publicUrl);
  const docs = createDocs({ basePath });
  const api = restRoutes(platform, { tasks, backbones: options.backbones, docs });
  const served = [...health, ...api];
  const routes = createRouter(served, gate.admit, logError);
  const ask = createAsker(api, gate.admitPage, logError);
  const drawn = pages && drawPages({ pages, ask, accounts, docs, origins, basePath, isDev });
  const blob = createBlobHandler({
    blobs,
    rights: coordinator.blobs,
    meter: coordinator.meter,
    logError,
  });
  const bodyRoom = createBodyRoom({
    perAddress: limits.bodyBytesPerAddress,
    total: limits.bodyBytes,
  });
  const wasm = createWasmHandler();
  const backbone = createBackboneHandler(options.backbones);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { address } = arrivalOf(request);
    if (!rates.admits(address)) return send(response, overRate);
    giveRoom(request, (bytes) => bodyRoom.enter(request, address, bytes));
    const fault =
      faultOfUrl(request) ?? origins.faultOfHost(request) ?? origins.faultOfChange(request);
    if (fault) return send(response, failed(fault));
    if (origins.admit(request, response)) return;
    if (await blob(request, response)) return;
    if (await wasm(request, response)) return;
    if (await backbone(request, response)) return;
    if (!drawn || isOfRoutes(request.url)) return routes(request, response);
    return drawn(request, response);
  };
  const inFlight = new Set<ServerResponse>();
  const server = httpServer(limits, tls);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.socket.destroyed) return; // it has sent too many at once
    identify(request, response);
    inFlight.add(response);
    response.once("close", () => {
      inFlight.delete(response);
      metrics.requests.inc({ method: methodLabel(request.method), status: response.statusCode });
      log.debug({ ...nameOf(request), status: response.statusCode }, "request");
    });
    answer(request, response).catch((error: unknown) => {
      logError(error, request);
      response.destroy();
    });
  });
  const rates = limit(server, {
    limits,
    isTrusted,
    clock: systemClock,
    onRefused(reason, address) {
      metrics.turnedAway.inc({ reason });
      log.debug({ reason, address }, "turned away");
    },
  });
  const sockets = serveSockets({
    server,
    onConnection: (connection, request) => coordinator.connect(gate.guarded(connection, request)),
    allowedOrigins,
    refusalOf: origins.faultOf,
    limits: {
      framesPerConnection: 4 * limits.messagesPerClient,
      framesPerAddress: 4 * limits.requestsPerSecond,
      sessionsPerAddress: limits.connectionsPerAddress,
    },
    onCutOff({ code, message }, address) {
      metrics.turnedAway.inc({ reason: `socket ${code}` });
      log.debug({ reason: message, address }, "socket cut off");
    },
    // Polling passes by `answer`.
    faultOf: (request) =>
      faultOfUrl(request) ??
      origins.faultOfHost(request) ??
      (rates.admits(arrivalOf(request).address) ? undefined : tooMany),
    addressOf: (request) => arrivalOf(request).address,
  });
  // Before everybody else, the sockets included.
  const receive = (request: IncomingMessage) => {
    arrive(request, isTrusted);
    withoutBase(request, basePath);
  };
  server.prependListener("upgrade", receive);
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    if (!rates.admitsAnother(request, response)) return;
    receive(request);
    harden(response, { isPinned: arrivalOf(request).isSecure && !tls?.isOwn });
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo; // a TCP server's
  return {
    url: `${tls ? "https" : "http"}://localhost:${address.port}${basePath}`,
    routes: served.map(({ method, path }) => `${method} ${path}`),
    /** Tells clients when to come back, lets what is under way end, then closes. */
    async close() {
      draining = true;
      coordinator.announceRestart(comeBackMs);
      const end = Date.now() + drainMs;
      while (inFlight.size > 0 && Date.now() < end) await sleep(20);
      if (inFlight.size > 0) log.warn({ requests: inFlight.size }, "closing on open requests");
      server.closeAllConnections();
      await sockets.close();
    },
  };
}

function httpServer({ headersTimeoutMs }: Limits, tls: Tls | undefined) {
  const checks = { connectionsCheckingInterval: Math.min(5000, headersTimeoutMs) };
  return tls
    ? createTlsServer({ ...checks, ...tls, handshakeTimeout: headersTimeoutMs })
    : createServer(checks);
}

const tooMany = new TandemError("too-many", "too many requests: wait a second");
const overRate = (() => {
  const reply = failed(tooMany);
  return { ...reply, headers: { ...reply.headers, "retry-after": "1" } };
})();

const isOfRoutes = (url = "") => /^\/(api\/|(healthz|readyz|metrics)(\?|$))/.test(url);

/** The id that the caller or a proxy has given the request, or a new one; the reply repeats it. */
function identify({ headers }: IncomingMessage, response: ServerResponse): void {
  const given = headers["x-request-id"];
  const id = typeof given === "string" && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
  headers["x-request-id"] = id;
  response.setHeader("x-request-id", id);
}

/** For the log. */
const nameOf = ({ method, url, headers }: IncomingMessage) => ({
  request: headers["x-request-id"],
  method,
  url,
});

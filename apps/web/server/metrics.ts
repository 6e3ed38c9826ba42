import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Coordinator } from "@tandem/coordinator/coordinator";
import type { ObservedCommit } from "@tandem/coordinator/ports";
import { TandemError } from "@tandem/core/errors";
import { experimentStatuses, phases } from "@tandem/core/experiment";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { arrivalOf } from "./proxies";

export type ServerMetrics = ReturnType<typeof createMetrics>;

/** What `/metrics` says, in Prometheus' names; counters are of this process, gauges of now. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const events = new Counter({
    name: "tandem_round_events_total",
    help: "Committed events of rounds; `evaluated` ends a round",
    labelNames: ["type"] as const,
    registers,
  });
  const refusals = new Counter({
    name: "tandem_refused_uploads_total",
    help: "Uploads refused, by the reason's code",
    labelNames: ["code"] as const,
    registers,
  });
  const phaseSeconds = new Histogram({
    name: "tandem_phase_seconds",
    help: "Duration of phases that ended in this process, pauses included",
    labelNames: ["phase"] as const,
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800],
    registers,
  });
  const requests = new Counter({
    name: "tandem_http_requests_total",
    help: "HTTP requests answered",
    labelNames: ["method", "status"] as const,
    registers,
  });
  const turnedAway = new Counter({
    name: "tandem_http_turned_away_total",
    help: "Connections and requests of addresses above their limits",
    labelNames: ["reason"] as const,
    registers,
  });
  const auditFailures = new Counter({
    name: "tandem_audit_failures_total",
    help: "Writes to the audit log that failed",
    registers,
  });
  const gauge = (name: string, help: string, label: string) =>
    new Gauge({ name, help, labelNames: [label], registers });
  const experiments = gauge("tandem_experiments", "Experiments by status", "status");
  const running = gauge("tandem_running_phase", "Running experiments by their phase", "phase");
  const clients = gauge("tandem_clients", "Clients of unfinished experiments", "status");
  const bytes = gauge("tandem_client_bytes", "Exchanged with all clients, data included", "way");

  const failedBackups = new Counter({
    name: "tandem_backup_failures_total",
    help: "Backups that were not made",
    registers,
  });
  let lastBackup: Gauge | undefined; // a server that makes none has none

  async function collect(coordinator: Coordinator): Promise<void> {
    const views = await coordinator.list();
    for (const each of [experiments, running, clients, bytes]) each.reset();
    for (const status of experimentStatuses) experiments.set({ status }, 0);
    for (const phase of phases) running.set({ phase }, 0);
    for (const { status, phase, clients: members } of views) {
      experiments.inc({ status });
      if (status === "running") running.inc({ phase });
      for (const { status: presence, bytesUp, bytesDown } of members) {
        if (status !== "finished") clients.inc({ status: presence });
        bytes.inc({ way: "up" }, bytesUp);
        bytes.inc({ way: "down" }, bytesDown);
      }
    }
  }

  return {
    requests,
    turnedAway,
    auditFailures,
    failedBackups,
    /** Epoch milliseconds of the last backup that is whole; 0: there is none. */
    backedUp(at: number): void {
      lastBackup ??= new Gauge({
        name: "tandem_backup_last_good_timestamp_seconds",
        help: "When the last backup that is whole was begun; 0 before there is one",
        registers,
      });
      lastBackup.set(at / 1000);
    },
    observe({ events: committed, ended }: ObservedCommit) {
      for (const event of committed) {
        events.inc({ type: event.type });
        if (event.type === "refused") refusals.inc({ code: event.code });
      }
      if (ended) phaseSeconds.observe({ phase: ended.phase }, ended.ms / 1000);
    },
    contentType: registry.contentType,
    async text(coordinator: Coordinator): Promise<string> {
      await collect(coordinator);
      return registry.metrics();
    },
  };
}

/** Of a request; whoever asks invents the rest. */
export const methodLabel = (method = ""): string =>
  ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].includes(method) ? method : "other";

/**
 * For whoever holds the token; without one for this machine, as far as can be told that nobody asks
 * through it: a proxy leaves a mark, speaks HTTP/1.0 or names another host. Throws `unauthorised` or
 * `forbidden`.
 */
export function requireOperator(
  request: IncomingMessage,
  { token, isPublic }: { readonly token: string | undefined; readonly isPublic: boolean },
): void {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (token && isSame(given, token)) return;
  if (token) throw new TandemError("unauthorised", "send TANDEM_METRICS_TOKEN as bearer token");
  const { isForwarded, host = "" } = arrivalOf(request);
  const isHere =
    isLoopback(request.socket.remoteAddress ?? "") &&
    /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host) &&
    request.httpVersion !== "1.0";
  if (isHere && !isForwarded && !isPublic) return;
  throw new TandemError(
    "forbidden",
    isPublic
      ? "start the server with TANDEM_METRICS_TOKEN, and send it as bearer token"
      : "ask from the server's own machine, or start it with TANDEM_METRICS_TOKEN",
  );
}

const isLoopback = (address: string) => /^(::ffff:)?127\.|^::1$/.test(address);
const isSame = (a: string, b: string) =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b));

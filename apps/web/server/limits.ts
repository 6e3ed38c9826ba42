import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "@tandem/core/clock";
import { createLimiter } from "@tandem/core/limiter";
import { bucketOf, type IsTrusted } from "./proxies";

export type Limits = {
  /** TCP connections of one address (of IPv6 one /64) at a time, web sockets included. */
  readonly connectionsPerAddress: number;
  /** HTTP requests of one address, after a burst of ten seconds' worth; four times as many socket frames. */
  readonly requestsPerSecond: number;
  /** Messages of one client that are answered in a second; four times as many frames of its socket. */
  readonly messagesPerClient: number;
  /** For all headers of a request, and then for its body, unless it may take its time. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long a peer may read nothing of a reply, or send nothing of a request. */
  readonly stallTimeoutMs: number;
  /** Of requests and blobs that are in memory at a time, of one address and together. */
  readonly bodyBytesPerAddress: number;
  readonly bodyBytes: number;
  /** Requests of one connection that wait for their answers; browsers and proxies send one at a time. */
  readonly requestsAtOnce: number;
};

/** Room for a class behind one address; a tab opens some 60 files and stays on one connection. */
export const defaultLimits: Limits = {
  connectionsPerAddress: 500,
  requestsPerSecond: 300,
  messagesPerClient: 10,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  stallTimeoutMs: 30_000,
  bodyBytesPerAddress: 128 * 2 ** 20,
  bodyBytes: 512 * 2 ** 20,
  requestsAtOnce: 16,
};

export type RateGate = {
  /** Whether this address, as `bucketOf` has it, may be served one more request now. */
  admits(address: string): boolean;
  /** Whether its connection has room for it; one that has not is closed, and what else it has sent costs nothing. */
  admitsAnother(request: IncomingMessage, response: ServerResponse): boolean;
};

/**
 * Holds a server to its limits: connections above them are closed at once, slow requests are cut
 * off with 408. Idle addresses are forgotten.
 */
export function limit(
  server: Server,
  options: {
    readonly limits: Limits;
    /** Proxies, whose connections are many people's and not counted. */
    readonly isTrusted: IsTrusted;
    readonly clock: Clock;
    readonly onRefused: (reason: "connections" | "rate" | "pipelining", address: string) => void;
  },
): RateGate {
  const { limits, isTrusted, clock, onRefused } = options;
  const { connectionsPerAddress, requestsPerSecond } = limits;
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = 0; // Node has one for all requests
  cutOffSlow(server, limits.requestTimeoutMs);
  cutOffStalled(server, limits.stallTimeoutMs);
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const peer = socket.remoteAddress ?? "";
    if (isTrusted(peer)) return;
    const address = bucketOf(peer);
    const count = (open.get(address) ?? 0) + 1;
    if (count > connectionsPerAddress) {
      onRefused("connections", address);
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });

  const waiting = new WeakMap<Socket, number>();
  const burst = 10 * requestsPerSecond;
  const buckets = new Map<string, { readonly take: () => boolean; usedAt: number }>();
  const limiter = () => createLimiter(clock, { perSecond: requestsPerSecond, burst });
  return {
    admits(address) {
      const now = clock.now();
      if (buckets.size > 10_000)
        for (const [key, { usedAt }] of buckets) if (now - usedAt > 10_000) buckets.delete(key);
      const bucket = buckets.get(address) ?? { take: limiter(), usedAt: now };
      buckets.set(address, bucket);
      bucket.usedAt = now;
      if (bucket.take()) return true;
      onRefused("rate", address);
      return false;
    },
    admitsAnother(request, response) {
      const { socket } = request;
      if (socket.destroyed) return false;
      const count = (waiting.get(socket) ?? 0) + 1;
      waiting.set(socket, count);
      response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
      if (count <= limits.requestsAtOnce) return true;
      onRefused("pipelining", bucketOf(socket.remoteAddress ?? ""));
      socket.destroy();
      return false;
    },
  };
}

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** For a body that may be large: whoever reads it holds its sender to sending something all the time. */
export const letTakeItsTime = (request: IncomingMessage): void => clearTimeout(timers.get(request));

/** Answers requests with 408 whose body has not come in time. */
function cutOffSlow(server: Server, afterMs: number): void {
  server.prependListener("request", (request, response) => {
    const timer = setTimeout(() => {
      if (request.complete) return;
      const { socket } = request;
      if (!response.headersSent)
        socket.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
      socket.destroySoon();
    }, afterMs);
    timers.set(request, timer);
    response.once("close", () => clearTimeout(timer));
  });
}

/** Closes connections on which nothing has moved, but for those that wait for the server's own work. */
function cutOffStalled(server: Server, afterMs: number): void {
  const last = new WeakMap<
    Socket,
    { readonly isRead: () => boolean; readonly isOver: () => boolean }
  >();
  server.prependListener("request", (request, response) => {
    last.set(request.socket, {
      isRead: () => request.complete,
      isOver: () => response.writableEnded,
    });
  });
  server.timeout = afterMs;
  server.on("timeout", (socket: Socket) => {
    const call = last.get(socket);
    const isAtWork = call?.isRead() && !call.isOver() && socket.writableLength === 0;
    if (!isAtWork) socket.destroy();
  });
}

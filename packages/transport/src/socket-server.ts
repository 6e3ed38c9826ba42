import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { TandemError } from "@tandem/core/errors";
import type { TandemConnection } from "@tandem/protocol/events";
import { Server } from "socket.io";
import { answerRequest, type Handler } from "./answer-request";

const patienceMs = 30_000;

/** Accepts clients on an HTTP server; every body is parsed before a handler sees it. */
export function serveSockets(options: {
  readonly server: HttpServer;
  readonly onConnection: (connection: TandemConnection) => void;
  /** Why a request to connect is answered with 400, if so. */
  readonly faultOf?: (request: IncomingMessage) => Error | undefined;
  /** Why whoever has connected is told, whatever they ask, that they may not take part, if so. */
  readonly refusalOf?: (request: IncomingMessage) => TandemError | undefined;
  /** Whom a connection counts as; its peer unless given. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** Of pages that may poll from elsewhere; web sockets ask nobody. */
  readonly allowedOrigins?: readonly string[];
  readonly maxMessageBytes?: number;
}): { readonly close: () => Promise<void> } {
  const { allowedOrigins = [] } = options;
  const io = new Server(options.server, {
    transports: ["websocket", "polling"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    ...(allowedOrigins.length > 0 && { cors: { origin: [...allowedOrigins] } }),
    maxHttpBufferSize: options.maxMessageBytes ?? 256 * 1024,
  });
  io.engine.use((request: IncomingMessage, _: unknown, next: (fault?: Error) => void) =>
    next(options.faultOf?.(request)),
  );
  io.on("connection", (socket) => {
    const refusal = options.refusalOf?.(socket.request);
    if (refusal) {
      const error = { code: refusal.code, message: refusal.message };
      socket.onAny((_event, _body, ack: unknown) => {
        if (typeof ack === "function") ack({ ok: false, error });
      });
      // It has the answer by then, or does not want one.
      setTimeout(() => socket.disconnect(true), patienceMs).unref();
      return;
    }
    const bytes = { up: 0, down: 0 };
    const length = (data: unknown) => (typeof data === "string" ? Buffer.byteLength(data) : 0);
    socket.conn.on("packet", ({ data }) => {
      bytes.up += length(data);
    });
    socket.conn.on("packetCreate", ({ data }) => {
      bytes.down += length(data);
    });
    const handlers = new Map<string, Handler>();
    socket.onAny((event: string, body: unknown, ack: unknown) => {
      if (typeof ack !== "function") return;
      void answerRequest(handlers, event, body).then((reply) => ack(reply));
    });
    options.onConnection({
      id: socket.id,
      address: options.addressOf?.(socket.request) ?? socket.handshake.address,
      bytes,
      send: (event, body) => socket.emit(event as string, body),
      handle: (event, handler) => handlers.set(event, handler as Handler),
      onClose: (handler) => socket.on("disconnect", handler),
      close: () => socket.disconnect(true),
    });
  });
  return { close: () => io.close() };
}

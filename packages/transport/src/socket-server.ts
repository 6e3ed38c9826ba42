import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { TandemConnection } from "@tandem/protocol/events";
import { Server } from "socket.io";
import { answerRequest, type Handler } from "./answer-request";

/** Accepts clients on an HTTP server; every body is parsed before a handler sees it. */
export function serveSockets(options: {
  readonly server: HttpServer;
  readonly onConnection: (connection: TandemConnection) => void;
  /** Why a request to connect is answered with 400, if so. */
  readonly faultOf?: (request: IncomingMessage) => Error | undefined;
  readonly maxMessageBytes?: number;
}): { readonly close: () => Promise<void> } {
  const io = new Server(options.server, {
    transports: ["websocket", "polling"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    maxHttpBufferSize: options.maxMessageBytes ?? 256 * 1024,
  });
  io.engine.use((request: IncomingMessage, _: unknown, next: (fault?: Error) => void) =>
    next(options.faultOf?.(request)),
  );
  io.on("connection", (socket) => {
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
      address: socket.handshake.address,
      bytes,
      send: (event, body) => socket.emit(event as string, body),
      handle: (event, handler) => handlers.set(event, handler as Handler),
      onClose: (handler) => socket.on("disconnect", handler),
      close: () => socket.disconnect(true),
    });
  });
  return { close: () => io.close() };
}

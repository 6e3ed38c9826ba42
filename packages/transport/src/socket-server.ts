import type { Server as HttpServer } from "node:http";
import type { ServerConnection } from "@tandem/core/channel";
import { requests, type TandemContract } from "@tandem/protocol/events";
import { Server } from "socket.io";

type EventName = keyof typeof requests;

/** Accepts clients on an HTTP server; every body is parsed before a handler sees it. */
export function serveSockets(options: {
  readonly server: HttpServer;
  readonly onConnection: (connection: ServerConnection<TandemContract>) => void;
  readonly maxMessageBytes?: number;
}): { readonly close: () => Promise<void> } {
  const io = new Server(options.server, {
    transports: ["websocket"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    maxHttpBufferSize: options.maxMessageBytes ?? 256 * 1024,
  });
  io.on("connection", (socket) => {
    const bytes = { up: 0, down: 0 };
    const length = (data: unknown) => (typeof data === "string" ? Buffer.byteLength(data) : 0);
    socket.conn.on("packet", ({ data }) => {
      bytes.up += length(data);
    });
    socket.conn.on("packetCreate", ({ data }) => {
      bytes.down += length(data);
    });
    const handlers = new Map<string, (body: never) => Promise<unknown>>();
    socket.onAny((event: string, body: unknown, ack: unknown) => {
      if (typeof ack !== "function") return;
      const refuse = (message: string) =>
        ack({ ok: false, error: { code: "bad-message", message } });
      const handler = handlers.get(event);
      if (!handler || !Object.hasOwn(requests, event))
        return refuse(`There is no event "${event.slice(0, 40)}".`);
      const parsed = requests[event as EventName].request.safeParse(body);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        return refuse(
          `${event}: ${issue.path.join(".") || "body"}: ${issue.message}`.slice(0, 500),
        );
      }
      void handler(parsed.data as never).then((reply) => ack(reply));
    });
    options.onConnection({
      id: socket.id,
      address: socket.handshake.address,
      bytes,
      send: (event, body) => socket.emit(event as string, body),
      handle: (event, handler) => handlers.set(event, handler as (body: never) => Promise<unknown>),
      onClose: (handler) => socket.on("disconnect", handler),
      close: () => socket.disconnect(true),
    });
  });
  return { close: () => io.close() };
}

import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Clock } from "@tandem/core/clock";
import type { TandemError } from "@tandem/core/errors";
import { systemClock } from "@tandem/core/system-clock";
import type { TandemConnection } from "@tandem/protocol/events";
import { Server } from "socket.io";
import { answerRequest, type Handler } from "./answer-request";
import {
  createSocketGuard,
  defaultSocketLimits,
  lengthOf,
  type Session,
  type SocketLimits,
  tooMany,
} from "./socket-guard";

const patienceMs = 30_000;
const farewellMs = 1000;

/** Accepts clients on an HTTP server; every body is parsed before a handler sees it. */
export function serveSockets(options: {
  readonly server: HttpServer;
  readonly onConnection: (connection: TandemConnection, request: IncomingMessage) => void;
  /** Why a request to connect is answered with 400, if so. */
  readonly faultOf?: (request: IncomingMessage) => Error | undefined;
  /** Why whoever has connected is told, whatever they ask, that they may not take part, if so. */
  readonly refusalOf?: (request: IncomingMessage) => TandemError | undefined;
  /** Whom a connection counts as, its limits too; its peer unless given. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** Of pages that may poll from elsewhere; web sockets ask nobody. */
  readonly allowedOrigins?: readonly string[];
  readonly maxMessageBytes?: number;
  readonly limits?: Partial<SocketLimits>;
  readonly clock?: Clock;
  readonly onCutOff?: (reason: TandemError, address: string) => void;
}): { readonly close: () => Promise<void> } {
  const { allowedOrigins = [], clock = systemClock, addressOf = peerOf } = options;
  const io = new Server(options.server, {
    transports: ["websocket", "polling"],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    ...(allowedOrigins.length > 0 && { cors: { origin: [...allowedOrigins] } }),
    maxHttpBufferSize: options.maxMessageBytes ?? 256 * 1024,
  });
  /** How a session ends that has said that it speaks Socket.IO. */
  const ends = new WeakMap<Session, (reason: TandemError, isForGood: boolean) => void>();
  const { admits, guard } = createSocketGuard({
    limits: { ...defaultSocketLimits, ...options.limits },
    clock,
    addressOf,
    end(session, reason, isForGood) {
      options.onCutOff?.(reason, addressOf(session.request));
      ends.get(session)?.(reason, isForGood);
      session.close();
      const { socket } = session.transport as { readonly socket?: WebSocketOf };
      socket?.pause?.(); // what else it has sent is not even read
      const terminate = () => (socket?.terminate ? socket.terminate() : session.close(true));
      setTimeout(terminate, farewellMs).unref();
    },
  });
  io.engine.use((request: IncomingMessage, _: unknown, next: (fault?: Error) => void) => {
    const isNew = !/[?&]sid=/.test(request.url ?? "");
    const isFull = isNew && !admits(request);
    next(options.faultOf?.(request) ?? (isFull ? tooMany("sessions of your network") : undefined));
  });
  io.engine.on("connection", guard);
  io.on("connection", (socket) => {
    ends.set(socket.conn, ({ code, message }, isForGood) => {
      socket.emit("cut", { code, message });
      if (isForGood) socket.disconnect(true);
    });
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
    socket.conn.on("packet", ({ data }) => {
      bytes.up += lengthOf(data);
    });
    socket.conn.on("packetCreate", ({ data }) => {
      bytes.down += lengthOf(data);
    });
    const handlers = new Map<string, Handler>();
    socket.onAny((event: string, body: unknown, ack: unknown) => {
      if (typeof ack !== "function") return;
      void answerRequest(handlers, event, body).then((reply) => ack(reply));
    });
    const connection: TandemConnection = {
      id: socket.id,
      address: addressOf(socket.request),
      bytes,
      send: (event, body) => socket.emit(event as string, body),
      sendLatest: latestOnly(socket.conn, (make) => {
        const [event, body] = make();
        connection.send(event, body);
      }),
      handle: (event, handler) => handlers.set(event, handler as Handler),
      onClose: (handler) => socket.on("disconnect", handler),
      close: () => socket.disconnect(true),
      reopen: () => socket.conn.close(),
    };
    options.onConnection(connection, socket.request);
  });
  return { close: () => io.close() };
}

type Make = Parameters<TandemConnection["sendLatest"]>[0];

/** Whoever reads slowly gets the last of what was to be sent meanwhile, and nothing is kept but it. */
function latestOnly(session: Session, emit: (make: Make) => void): (make: Make) => void {
  let waiting: Make | undefined;
  const attach = (transport: Session["transport"]) =>
    transport.on("ready", () => {
      if (!waiting || !session.transport.writable) return;
      const make = waiting;
      waiting = undefined;
      emit(make);
    });
  attach(session.transport);
  session.on("upgrade", attach);
  return (make) => {
    if (session.transport.writable) emit(make);
    else waiting = make;
  };
}

/** What of `ws` is used below Engine.IO; a session that polls has none. */
type WebSocketOf = { pause?(): void; terminate?(): void };

const peerOf = (request: IncomingMessage) => request.socket.remoteAddress ?? "";

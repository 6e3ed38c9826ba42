import type { Outgoing } from "@tandem/core/channel";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { BlobHash } from "@tandem/core/ids";
import type { TandemChannel, TandemNotices, TandemRequests } from "@tandem/protocol/events";
import { sha256Hex } from "@tandem/protocol/sha256";
import { io } from "socket.io-client";

/** The tab's own, which whoever reads along could use. */
const secrets = ["token", "invitation"];

/** As Socket.IO writes it. */
const asSent = (event: string, body: unknown): Outgoing => ({
  what: event,
  text: JSON.stringify([event, body], (key, value) => (secrets.includes(key) ? undefined : value)),
  bytes: new TextEncoder().encode(JSON.stringify([event, body])).length,
});

const blobSent = (path: string, blob: Uint8Array): Outgoing => ({
  what: "put",
  text: path.slice(path.lastIndexOf("/") + 1),
  bytes: blob.length,
  blob,
});

const attempts = 4;
const timeoutMs = 30_000;
const direct = ["websocket"] as const;
/** Goes on over a web socket if one can be had after all. */
const indirect = ["polling", "websocket"] as const;
const handshakeMs = 8000;
const [reconnectionDelayMs, reconnectionDelayMaxMs] = [300, 3000];

/**
 * A Socket.IO connection, to a server that may be below a path, for control and HTTP for blobs; reconnects by itself unless the server closes it.
 * Where web sockets do not get through it polls.
 */
export function connectSocket(options: {
  readonly url: string;
  /** Told of everything just before it leaves, once for each attempt. */
  readonly onSent?: (sent: Outgoing) => void;
  /** On every request, where the host lets one set them: browsers do not for sockets. */
  readonly headers?: Readonly<Record<string, string>>;
}): TandemChannel {
  const { url, onSent, headers: extraHeaders = {} } = options;
  const { origin, pathname } = new URL(url);
  const socket = io(origin, {
    path: `${pathname.replace(/\/$/, "")}/socket.io`,
    transports: [...direct],
    timeout: handshakeMs,
    reconnectionDelay: reconnectionDelayMs,
    reconnectionDelayMax: reconnectionDelayMaxMs,
    forceNew: true,
    extraHeaders,
  });
  let token = "";
  // Socket.IO spreads the delay by half, so that not all come back at once.
  socket.on("restart", ({ afterMs }: TandemNotices["restart"]) => {
    socket.io.reconnectionDelay(Math.min(afterMs, reconnectionDelayMaxMs));
  });
  socket.on("connect", () => {
    socket.io.reconnectionDelay(reconnectionDelayMs);
  });
  let isDirect = true;
  // In turn: a server that is away says nothing about the way to it.
  socket.on("connect_error", () => {
    isDirect = !isDirect;
    socket.io.opts.transports = [...(isDirect ? direct : indirect)];
  });

  async function fetchBlob(
    path: string,
    init: RequestInit & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (init.body instanceof Uint8Array) onSent?.(blobSent(path, init.body));
        const headers = { ...extraHeaders, ...init.headers };
        const response = await fetch(`${url}${path}`, { ...init, headers });
        if (response.ok) return response;
        const { error } = await response.json().catch(() => ({ error: undefined }));
        const refused = new TandemError(
          // What broke inside the server may have mended when it is asked again.
          !error || error.code === "internal" ? "unavailable" : error.code,
          error?.message ?? `HTTP ${response.status}`,
        );
        if (response.status < 500 || attempt === attempts) throw refused;
      } catch (error) {
        if (error instanceof TandemError || init.signal?.aborted) throw error;
        if (attempt === attempts)
          throw new TandemError("unavailable", `${path}: ${messageOf(error)}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }

  return {
    async request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ) {
      if (!socket.connected)
        throw new TandemError("unavailable", "There is no connection to the server.");
      const reply = await new Promise<TandemRequests[K]["reply"]>((resolve, reject) => {
        const lost = () => reject(new TandemError("unavailable", "The connection was lost."));
        socket.once("disconnect", lost);
        onSent?.(asSent(event, body));
        socket.timeout(timeoutMs).emit(event, body, (late: Error | null, answer: unknown) => {
          socket.off("disconnect", lost);
          if (late)
            reject(new TandemError("timeout", `No answer to "${event}" in ${timeoutMs} ms.`));
          else resolve(answer as TandemRequests[K]["reply"]); // the server's own types
        });
      });
      if (reply.ok && "token" in reply) token = reply.token;
      return reply;
    },
    on<K extends keyof TandemNotices & string>(
      event: K,
      handler: (body: TandemNotices[K]) => void,
    ) {
      socket.on(event as string, handler);
      return () => socket.off(event as string, handler);
    },
    onConnection(handler) {
      const up = () => handler(true);
      const down = (reason: string) => handler(false, reason === "io server disconnect");
      handler(socket.connected);
      socket.on("connect", up).on("disconnect", down);
      return () => socket.off("connect", up).off("disconnect", down);
    },
    async getBlob(hash, signal) {
      const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
      const response = await fetchBlob(`/api/blobs/${hash}`, {
        headers,
        ...(signal && { signal }),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if ((await sha256Hex(bytes)) !== hash)
        throw new TandemError("corrupt", `Blob ${hash} arrived with other bytes.`);
      return bytes;
    },
    async putBlob(bytes, owner, signal): Promise<BlobHash> {
      const hash = await sha256Hex(bytes);
      await fetchBlob(`/api/blobs/${hash}`, {
        method: "PUT",
        body: bytes as BodyInit,
        headers: { Authorization: `Bearer ${owner}`, "Content-Type": "application/octet-stream" },
        ...(signal && { signal }),
      });
      return hash;
    },
    close: () => socket.close(),
  };
}

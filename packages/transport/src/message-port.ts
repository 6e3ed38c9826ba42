import { codeOf, type ErrorCode, messageOf, TandemError, unreachable } from "@tandem/core/errors";
import type { BlobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { TandemChannel, TandemConnection, TandemRequests } from "@tandem/protocol/events";
import { answerRequest, type Handler } from "./answer-request";
import { createListeners } from "./listeners";

/** A `MessagePort` of a browser or of `node:worker_threads`. */
export type Port = {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: () => void): void;
  start(): void;
  close(): void;
};

type Up =
  | {
      readonly type: "request";
      readonly id: number;
      readonly event: string;
      readonly body: unknown;
    }
  | { readonly type: "get"; readonly id: number; readonly hash: BlobHash; readonly token: string }
  | {
      readonly type: "put";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly token: string;
    }
  | { readonly type: "close" };
type Down =
  | { readonly type: "reply"; readonly id: number; readonly body: unknown }
  | {
      readonly type: "error";
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly type: "notice"; readonly event: string; readonly body: unknown }
  | { readonly type: "close" };

const closed = () => new TandemError("unavailable", "The connection is closed.");

/** The client's end of a port; `servePort` holds the other. */
export function connectPort(port: Port): TandemChannel {
  const waiting = new Map<number, PromiseWithResolvers>();
  let open = true;
  const listeners = createListeners(() => open);
  let ids = 0;
  let token = "";

  function end(dismissed: boolean) {
    if (!open) return;
    open = false;
    for (const { reject } of waiting.values()) reject(closed());
    waiting.clear();
    listeners.closed(dismissed);
    port.close();
  }

  port.addEventListener("message", ({ data }) => {
    const message = data as Down; // written by `servePort`
    if (message.type === "close") return end(true);
    if (message.type === "notice") return listeners.notice(message.event, message.body);
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "reply") asked?.resolve(message.body);
    else asked?.reject(new TandemError(message.code, message.message));
  });
  port.addEventListener("close", () => end(false));
  port.start();

  function ask(message: (id: number) => Up, signal?: AbortSignal): Promise<unknown> {
    if (!open) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = ++ids;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", () => {
        if (waiting.delete(id)) reject(cancelled());
      });
      port.postMessage(message(id));
    });
  }

  return {
    async request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ) {
      const answer = await ask((id) => ({ type: "request", id, event, body }));
      const reply = answer as TandemRequests[K]["reply"]; // the server's own types
      if (reply.ok && "token" in reply) token = reply.token;
      return reply;
    },
    ...listeners.subscribe,
    getBlob: async (hash, signal) =>
      (await ask((id) => ({ type: "get", id, hash, token }), signal)) as Uint8Array,
    putBlob: async (bytes, owner, signal) =>
      (await ask((id) => ({ type: "put", id, bytes, token: owner }), signal)) as BlobHash,
    close() {
      if (open) port.postMessage({ type: "close" } satisfies Up);
      end(false);
    },
  };
}

type PromiseWithResolvers = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};

const cancelled = () => new TandemError("cancelled", "The transfer was cancelled.");

/** The server's end of a port, blobs included. */
export function servePort(
  port: Port,
  options: {
    readonly id: string;
    readonly blobs: BlobStore;
    readonly authorise: (token: string) => unknown;
    readonly meter: (
      token: string,
      direction: "up" | "down",
      bytes: number,
      hash: BlobHash,
    ) => void;
  },
): TandemConnection {
  const { blobs, authorise, meter } = options;
  const handlers = new Map<string, Handler>();
  const closers: (() => void)[] = [];
  const bytes = { up: 0, down: 0 };
  let open = true;

  function end() {
    if (!open) return;
    open = false;
    for (const closer of closers) closer();
    port.close();
  }
  function send(message: Down) {
    if (open) port.postMessage(message);
  }

  async function answer(message: Exclude<Up, { type: "close" }>): Promise<unknown> {
    switch (message.type) {
      case "request": {
        bytes.up += lengthOf(message.event, message.body);
        const reply = await answerRequest(handlers, message.event, message.body);
        bytes.down += lengthOf("", reply);
        return reply;
      }
      case "get": {
        const content = await blobs.get(message.hash);
        meter(message.token, "down", content.length, message.hash);
        return content;
      }
      case "put": {
        if (!authorise(message.token))
          throw new TandemError("unauthorised", "Send the token that join gave you.");
        const hash = await blobs.put(message.bytes);
        meter(message.token, "up", message.bytes.length, hash);
        return hash;
      }
      default:
        return unreachable(message);
    }
  }

  port.addEventListener("message", ({ data }) => {
    const message = data as Up; // written by `connectPort`
    if (message.type === "close") return end();
    const { id } = message;
    answer(message).then(
      (body) => send({ type: "reply", id, body }),
      (error) => {
        const code = codeOf(error) ?? "unavailable";
        send({ type: "error", id, code, message: messageOf(error) });
      },
    );
  });
  port.addEventListener("close", end);
  port.start();

  const connection: TandemConnection = {
    id: options.id,
    address: "port",
    bytes,
    send(event, body) {
      bytes.down += lengthOf(event, body);
      send({ type: "notice", event, body });
    },
    sendLatest(make) {
      const [event, body] = make();
      connection.send(event, body);
    },
    handle: (event, handler) => handlers.set(event, handler as Handler),
    onClose: (handler) => closers.push(handler),
    close() {
      send({ type: "close" });
      end();
    },
    reopen: end,
  };
  return connection;
}

const lengthOf = (event: string, body: unknown) => JSON.stringify([event, body]).length;

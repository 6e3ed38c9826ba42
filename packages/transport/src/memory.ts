import { TandemError } from "@tandem/core/errors";
import type { BlobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { TandemChannel, TandemConnection, TandemRequests } from "@tandem/protocol/events";
import { createListeners } from "./listeners";

const sizeOf = (event: string, body: unknown) => JSON.stringify([event, body]).length;

/** Both ends of a connection inside one process, with the bytes that it would carry. */
export function createMemoryPair(options: {
  readonly blobs: BlobStore;
  readonly meter?: (token: string, direction: "up" | "down", bytes: number, hash: BlobHash) => void;
}): {
  readonly client: TandemChannel;
  readonly server: TandemConnection;
} {
  const { blobs, meter } = options;
  const handlers = new Map<string, (body: never) => Promise<unknown>>();
  const closers: (() => void)[] = [];
  const bytes = { up: 0, down: 0 };
  let open = true;
  const listeners = createListeners(() => open);
  let token = "";

  const close = (dismissed: boolean) => {
    if (!open) return;
    open = false;
    for (const closer of closers) closer();
    listeners.closed(dismissed);
  };
  const client: TandemChannel = {
    async request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ) {
      const handler = handlers.get(event);
      if (!open || !handler) throw new TandemError("unavailable", "The connection is closed.");
      bytes.up += sizeOf(event, body);
      const reply = (await handler(structuredClone(body) as never)) as TandemRequests[K]["reply"];
      bytes.down += sizeOf("", reply);
      if (reply.ok && "token" in reply) token = reply.token;
      return reply;
    },
    ...listeners.subscribe,
    async getBlob(hash) {
      const content = await blobs.get(hash);
      meter?.(token, "down", content.length, hash);
      return content;
    },
    async putBlob(content, owner) {
      const hash = await blobs.put(content);
      meter?.(owner, "up", content.length, hash);
      return hash;
    },
    close: () => close(false),
  };
  const server: TandemConnection = {
    id: "memory",
    address: "memory",
    bytes,
    send(event, body) {
      if (!open) return;
      bytes.down += sizeOf(event, body);
      const copy = structuredClone(body);
      queueMicrotask(() => listeners.notice(event, copy));
    },
    sendLatest(make) {
      const [event, body] = make();
      server.send(event, body);
    },
    handle(event, handler) {
      handlers.set(event, handler as (body: never) => Promise<unknown>);
    },
    onClose(handler) {
      closers.push(handler);
    },
    close: () => close(true),
    reopen: () => close(false),
  };
  return { client, server };
}

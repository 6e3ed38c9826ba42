import type { BlobHash } from "./ids";

/**
 * What two ends exchange, by event name. `@tandem/protocol/events` declares the instance in use;
 * channels carry any.
 */
export type Contract = {
  /** Client to server, each answered. */
  readonly requests: Readonly<
    Record<string, { readonly request: unknown; readonly reply: unknown }>
  >;
  /** Server to client, not answered. */
  readonly notices: Readonly<Record<string, unknown>>;
};

/** The client's end. Requests that are lost with the connection reject with `unavailable`. */
export interface ClientChannel<C extends Contract> {
  request<K extends keyof C["requests"] & string>(
    event: K,
    body: C["requests"][K]["request"],
  ): Promise<C["requests"][K]["reply"]>;
  on<K extends keyof C["notices"] & string>(
    event: K,
    handler: (body: C["notices"][K]) => void,
  ): () => void;
  /**
   * Called at once with the present state, then on each change. `dismissed`: the server has closed
   * this connection, so the channel does not open another.
   */
  onConnection(handler: (connected: boolean, dismissed?: boolean) => void): () => void;
  getBlob(hash: BlobHash, signal?: AbortSignal): Promise<Uint8Array>;
  /** `token` is the client's own, from `join`. */
  putBlob(bytes: Uint8Array, token: string, signal?: AbortSignal): Promise<BlobHash>;
  close(): void;
}

/** What leaves a client over the network, as it leaves: an event, or a blob with its SHA-256. */
export type Outgoing = {
  /** The event's name; `put` of a blob. */
  readonly what: string;
  /** JSON, the client's token and invitation left out; of a blob its name. */
  readonly text: string;
  /** Of the body, without what HTTP and web sockets add. */
  readonly bytes: number;
  readonly blob?: Uint8Array;
};

/** A notice with its body. */
type Notice<C extends Contract> = {
  readonly [K in keyof C["notices"] & string]: readonly [K, C["notices"][K]];
}[keyof C["notices"] & string];

/** The server's end of one client. Bodies have passed the contract's schema. */
export interface ServerConnection<C extends Contract> {
  readonly id: string;
  /** Network address, for rate limits. */
  readonly address: string;
  send<K extends keyof C["notices"] & string>(event: K, body: C["notices"][K]): void;
  /** Sends what is made once the client can be sent more; of what waits meanwhile only the last is made. */
  sendLatest(make: () => Notice<C>): void;
  handle<K extends keyof C["requests"] & string>(
    event: K,
    handler: (body: C["requests"][K]["request"]) => Promise<C["requests"][K]["reply"]>,
  ): void;
  onClose(handler: () => void): void;
  close(): void;
  /** Closes it so that the client opens another. */
  reopen(): void;
  /** Control bytes so far, as serialised, both ways. */
  readonly bytes: { readonly up: number; readonly down: number };
}

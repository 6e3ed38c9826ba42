import type { TandemChannel, TandemRequests } from "@tandem/protocol/events";

/** What leaves a client: a request's body, or a blob. */
export type Sent =
  | { readonly event: string; readonly body: unknown }
  | { readonly blob: Uint8Array };

/** The channel, with a watcher that is told of everything before it leaves. */
export const observed = (inner: TandemChannel, onSent: (sent: Sent) => void): TandemChannel => ({
  ...inner,
  request<K extends keyof TandemRequests & string>(event: K, body: TandemRequests[K]["request"]) {
    onSent({ event, body });
    return inner.request(event, body);
  },
  putBlob(blob, token, signal) {
    onSent({ blob });
    return inner.putBlob(blob, token, signal);
  },
});

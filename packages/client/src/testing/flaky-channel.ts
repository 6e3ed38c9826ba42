import type { TandemChannel } from "@tandem/protocol/events";

/** A channel that loses its connection and finds it again when it is told to. */
export function createFlakyChannel(connect: () => TandemChannel) {
  let current = connect();
  let open = true;
  let closed = false;
  const watchers = new Set<(connected: boolean, dismissed: boolean) => void>();
  const listeners: ((channel: TandemChannel) => void)[] = [];
  const channel: TandemChannel = {
    request: (event, body) => current.request(event, body),
    on(event, handler) {
      listeners.push((to) => to.on(event, handler));
      return current.on(event, handler);
    },
    onConnection(handler) {
      handler(open, false);
      watchers.add(handler);
      return () => watchers.delete(handler);
    },
    getBlob: (hash, signal) => current.getBlob(hash, signal),
    putBlob: (bytes, token, signal) => current.putBlob(bytes, token, signal),
    close() {
      closed = true;
      current.close();
    },
  };
  const turn = (now: boolean, dismissed = false) => {
    open = now;
    for (const watcher of watchers) watcher(now, dismissed);
  };
  const heed = () =>
    current.onConnection((_, dismissed) => {
      if (dismissed) turn(false, true);
    });
  heed();
  return {
    channel,
    isClosed: () => closed,
    drop() {
      current.close();
      turn(false);
    },
    restore() {
      current = connect();
      heed();
      for (const listen of listeners) listen(current);
      turn(true);
    },
  };
}

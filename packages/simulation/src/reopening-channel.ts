import type { TandemChannel } from "@tandem/protocol/events";

/** A channel over one connection after another, as over a network; `reopen` cuts the one and makes the next. */
export function createReopening(open: () => TandemChannel): {
  readonly channel: TandemChannel;
  readonly reopen: () => void;
} {
  const watchers = new Set<Parameters<TandemChannel["onConnection"]>[0]>();
  /** Listens on a connection for as long as the listener stays. */
  const listeners = new Set<(inner: TandemChannel) => void>();
  let inner = connect();

  function connect(): TandemChannel {
    const opened = open();
    for (const listen of listeners) listen(opened);
    return opened;
  }
  const isCurrent = (one: TandemChannel) => one === inner;

  function watch(one: TandemChannel, watcher: Parameters<TandemChannel["onConnection"]>[0]): void {
    one.onConnection((connected, dismissed) => {
      if (isCurrent(one) && watchers.has(watcher)) watcher(connected, dismissed);
    });
  }

  return {
    reopen() {
      inner.close();
      inner = connect();
      for (const watcher of watchers) watch(inner, watcher);
    },
    channel: {
      request: (event, body) => inner.request(event, body),
      on(event, handler) {
        let isOff = false;
        const listen = (one: TandemChannel) =>
          void one.on(event, (body) => {
            if (!isOff && isCurrent(one)) handler(body);
          });
        listeners.add(listen);
        listen(inner);
        return () => {
          isOff = true;
          listeners.delete(listen);
        };
      },
      onConnection(watcher) {
        watchers.add(watcher);
        watch(inner, watcher);
        return () => watchers.delete(watcher);
      },
      getBlob: (hash, signal) => inner.getBlob(hash, signal),
      putBlob: (bytes, token, signal) => inner.putBlob(bytes, token, signal),
      close: () => inner.close(),
    },
  };
}

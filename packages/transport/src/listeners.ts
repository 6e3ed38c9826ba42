import type { TandemChannel, TandemNotices } from "@tandem/protocol/events";

/** Who listens on a client's end that is inside this process: to notices, and to the connection. */
export function createListeners(isOpen: () => boolean) {
  const listeners = new Map<string, Set<(body: never) => void>>();
  const watchers = new Set<(connected: boolean, dismissed: boolean) => void>();
  const subscribe: Pick<TandemChannel, "on" | "onConnection"> = {
    on<K extends keyof TandemNotices & string>(
      event: K,
      listener: (body: TandemNotices[K]) => void,
    ) {
      const own = listeners.get(event) ?? new Set();
      listeners.set(event, own.add(listener as (body: never) => void));
      return () => own.delete(listener as (body: never) => void);
    },
    onConnection(handler) {
      handler(isOpen(), false);
      watchers.add(handler);
      return () => watchers.delete(handler);
    },
  };
  return {
    subscribe,
    notice(event: string, body: unknown): void {
      for (const listener of listeners.get(event) ?? []) listener(body as never);
    },
    closed(dismissed: boolean): void {
      for (const watcher of watchers) watcher(false, dismissed);
    },
  };
}

import type { Sent, WorkerToPage } from "@tandem/client/messages";
import { watchRequests } from "@tandem/client/tab/watch-requests";
import type { Outgoing } from "@tandem/core/channel";

/**
 * What has left this tab since its page was opened. Of a great deal the oldest blobs are dropped first,
 * then the oldest entries: `forgotten` is their number.
 */
export function createLedger({ most = 20_000, room = 64 * 2 ** 20 } = {}) {
  const entries: Sent[] = [];
  let [forgotten, held] = [0, 0];
  let shown: { readonly entries: readonly Sent[]; readonly forgotten: number } = {
    entries,
    forgotten,
  };
  let isDue = false;
  const listeners = new Set<() => void>();

  function note(sent: Outgoing & { readonly at?: number }): void {
    entries.push({ at: Date.now(), ...sent });
    held += sent.blob?.length ?? 0;
    if (entries.length > most) {
      held -= entries.shift()?.blob?.length ?? 0;
      forgotten++;
    }
    while (held > room) {
      const at = entries.findIndex(({ blob }) => blob !== undefined);
      const { blob, ...rest } = entries[at];
      held -= blob?.length ?? 0;
      entries[at] = rest;
    }
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      shown = { entries: [...entries], forgotten };
      for (const listener of listeners) listener();
    }, 200);
  }
  let isWatching = false;
  return {
    note,
    /** As it was at most 0.2 s ago; the same object until there is more. */
    shown: () => shown,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Notes what a worker says that it has sent, and what this page asks for. */
    attach(worker: Pick<Worker, "addEventListener">): void {
      worker.addEventListener("message", ({ data }: MessageEvent<WorkerToPage>) => {
        if (data.type === "sent") note(data.sent);
      });
      if (!isWatching) watchRequests(note);
      isWatching = true;
    },
  };
}

export const ledger = createLedger();

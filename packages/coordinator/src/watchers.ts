import type { Clock } from "@tandem/core/clock";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Runtime } from "./runtime";
import { viewOf } from "./view";

export type Watcher = {
  readonly show: (view: ExperimentView) => void;
  /** The experiment has been deleted: there is nothing more to show. */
  readonly end: () => void;
};

/** What takes part in an experiment that is deleted, or watches it, is told. */
export const removal = { reason: "The experiment has been removed.", removed: true } as const;

/** A view of many clients takes long to make and to read. */
const pauseMs = ({ clients }: Runtime) => 200 + clients.size / 10;

/** Those who look on: told at most five times a second, of many clients less often, and always of the last state. */
export function createWatchers(clock: Clock) {
  const watchers = new Map<ExperimentId, Set<Watcher>>();
  const scheduled = new Set<ExperimentId>();
  return {
    add(id: ExperimentId, watcher: Watcher): () => void {
      const own = watchers.get(id) ?? new Set();
      watchers.set(id, own.add(watcher));
      return () => own.delete(watcher);
    },
    forget(id: ExperimentId): void {
      for (const watcher of watchers.get(id) ?? []) watcher.end();
      watchers.delete(id);
    },
    changed(runtime: Runtime): void {
      const { id } = runtime.record;
      if (scheduled.has(id) || !watchers.get(id)?.size) return;
      scheduled.add(id);
      clock.after(pauseMs(runtime), () => {
        scheduled.delete(id);
        if (runtime.closed) return;
        const view = viewOf(runtime);
        for (const watcher of watchers.get(id) ?? []) watcher.show(view);
      });
    },
  };
}

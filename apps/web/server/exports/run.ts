import { TandemError } from "@tandem/core/errors";
import type {
  ClientRecord,
  EventRecord,
  ExperimentRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";

/** All records of an experiment but who may join it, as they were at one moment. */
export type Run = {
  readonly record: ExperimentRecord;
  readonly events: readonly EventRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly clients: readonly ClientRecord[];
  readonly metrics: readonly MetricRecord[];
};

const tries = 5;

/** Throws `not-found`, and `unavailable` where it changes faster than it can be read. */
export async function readRun(store: ExperimentStore, id: ExperimentId): Promise<Run> {
  for (let left = tries; left > 0; left--) {
    const record = await store.get(id);
    const run = {
      record,
      events: await store.events(id),
      rounds: await store.rounds(id),
      clients: await store.clients(id),
      metrics: await store.metrics(id),
    };
    // Each commit continues the log or changes the time.
    const { sequence, updatedAt } = await store.get(id);
    if (sequence === record.sequence && updatedAt === record.updatedAt) return run;
  }
  throw new TandemError(
    "unavailable",
    "The experiment changes while it is read: pause it, or try again.",
  );
}

/** Throws `not-found` where nothing has been measured yet: an empty file would say less. */
export function requireMetrics({ record, metrics }: Run): void {
  if (metrics.length > 0) return;
  throw new TandemError(
    "not-found",
    `“${record.config.name}” has no metrics yet: there are some once its first round has ended.`,
  );
}

import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, ExperimentRecord } from "@tandem/core/experiment";
import type { JsonObject } from "@tandem/core/json";
import type { History } from "@tandem/core/stores";
import type { ExperimentView } from "@tandem/protocol/view";
import type { BlobKeeper } from "./blob-keeper";
import type { CoordinatorOptions } from "./ports";
import { documentOf, roundState } from "./round/round-document";
import type { Runtime } from "./runtime";
import type { createRuntimes } from "./runtimes";
import { viewOf } from "./view";

/**
 * Takes in what has happened on another server, with the blobs that it names: all of it, or none. Throws
 * `conflict` for an experiment that is here, `bad-config` for one that could not have been made here.
 */
export function createAdopting(
  options: Pick<CoordinatorOptions, "store" | "clock"> & {
    readonly keeper: BlobKeeper;
    readonly runtimes: Pick<ReturnType<typeof createRuntimes>, "adopt">;
    readonly check: (config: ExperimentConfig) => unknown;
  },
) {
  const { store, clock, keeper, runtimes, check } = options;
  return async (
    record: ExperimentRecord,
    history: History,
    blobs: AsyncIterable<Uint8Array>,
  ): Promise<ExperimentView> => {
    const { id, config } = record;
    check(config);
    if ((await store.list()).some((other) => other.id === id))
      throw new TandemError(
        "conflict",
        `This server has experiment ${id} already: delete it there first if this one is to come in its place.`,
      );
    const state = { ...documentOf(roundState(record.state)), importedAt: clock.now() };
    const put = new Set<string>();
    try {
      for await (const bytes of blobs) put.add(await keeper.of(id).put(bytes));
      const json = state as unknown as JsonObject; // plain JSON by its type
      return viewOf(await runtimes.adopt({ ...record, state: json }, history));
    } catch (error) {
      await keeper.forgetExperiment(id, put);
      throw error;
    }
  };
}

/** Throws `conflict` for a record of what happened elsewhere. */
export function requireOwn({ state }: Pick<Runtime, "state">): void {
  if (state.importedAt !== null)
    throw new TandemError(
      "conflict",
      "This experiment was imported: it is a record of what happened on another server, and its participants are there. Make a new one with its settings to run it again.",
    );
}

import { randomBytes } from "node:crypto";
import { type Coordinator, createCoordinator } from "@tandem/coordinator/coordinator";
import type { ObservedCommit } from "@tandem/coordinator/ports";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import { lazily } from "@tandem/core/lazily";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import { systemClock } from "@tandem/core/system-clock";
import type { Teacher } from "@tandem/core/teacher";
import { federate } from "@tandem/datasets/federation/federate";
import { datasetNames, loadDataset } from "@tandem/datasets/registry";
import { collectGarbage } from "@tandem/storage/garbage";
import { openStores } from "@tandem/storage/open-stores";
import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { startTeacherProcess } from "@tandem/teacher/process";
import type { Logger } from "pino";
import { refusePooledData } from "./pooled-data";

export type Platform = {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
};

/** Everything behind the HTTP interface: the stores that the environment names, and a child process. */
export async function openPlatform(options: {
  readonly directory: string;
  readonly log: Logger;
  readonly observe?: (commit: ObservedCommit) => void;
}): Promise<Platform> {
  const { directory, log, observe } = options;
  const { store, tasks, blobs } = await openStores({
    directory,
    environment: process.env,
    log: (message) => log.warn(message),
  });
  const { deleted } = await collectGarbage({ store, tasks, blobs, now: Date.now() });
  if (deleted > 0) log.info({ deleted }, "blobs that neither experiment nor task names");
  const worlds = new Map(
    datasetNames.map((dataset) => [
      dataset,
      {
        data: lazily(() => loadDataset(dataset)),
        teacher: lazily(async (): Promise<Teacher> => {
          const started = Date.now();
          const ready = await startTeacherProcess({
            dataset,
            onNotice: (text) => log.warn({ dataset }, text),
          });
          log.info({ dataset, ms: Date.now() - started, images: ready.imageSize }, "teacher ready");
          return ready;
        }),
      },
    ]),
  );
  const worldOf = ({ dataset }: ExperimentConfig) => {
    const found = worlds.get(dataset);
    if (found) return found;
    throw new TandemError("bad-config", `dataset ${dataset}: use one of ${datasetNames}`);
  };
  const coordinator = createCoordinator({
    store,
    blobs,
    clock: systemClock,
    strategies,
    teacher: async (config) => worldOf(config).teacher.get(),
    federate: async (config): Promise<FederatedData> => {
      refusePooledData(strategyNamed(config.strategy));
      return federate(await worldOf(config).data.get(), config, blobs);
    },
    random: {
      id: () => randomBytes(8).toString("hex"),
      token: () => randomBytes(24).toString("base64url"),
    },
    log: (message, fields = {}) => log.info(fields, message),
    ...(observe && { observe }),
  });
  await coordinator.recover();
  return {
    coordinator,
    store,
    blobs,
    async close() {
      await coordinator.close();
      for (const { teacher } of worlds.values()) await (await teacher.started())?.close();
      await store.close();
    },
  };
}

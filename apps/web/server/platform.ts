import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Coordinator, createCoordinator } from "@tandem/coordinator/coordinator";
import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { Teacher } from "@tandem/core/teacher";
import { loadEmojiStyle } from "@tandem/datasets/emoji-style";
import { federate } from "@tandem/datasets/federate";
import { openFileBlobs } from "@tandem/storage/file-blobs";
import { openPgliteExperiments } from "@tandem/storage/pglite-experiments";
import { strategies } from "@tandem/strategies/registry";
import type { Logger } from "pino";
import { startTeacherProcess } from "../../teacher/src/process";
import { lazily } from "./lazily";

export type Platform = {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
};

export const datasets = ["emoji-style"] as const;

const clock: Clock = {
  now: Date.now,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Everything behind the HTTP interface, on one machine: embedded PostgreSQL, files, a child process. */
export async function openPlatform(options: {
  readonly directory: string;
  readonly log: Logger;
}): Promise<Platform> {
  const { directory, log } = options;
  const store = await openPgliteExperiments({ directory });
  const blobs = await openFileBlobs(join(directory, "blobs"));
  const emoji = lazily(() => loadEmojiStyle());
  const teacher = lazily(async (): Promise<Teacher> => {
    const started = Date.now();
    const ready = await startTeacherProcess();
    log.info({ ms: Date.now() - started, images: ready.imageSize }, "teacher ready");
    return ready;
  });
  const coordinator = createCoordinator({
    store,
    blobs,
    clock,
    strategies,
    teacher: teacher.get,
    federate: async ({ dataset, seed, slots }: ExperimentConfig): Promise<FederatedData> => {
      if (dataset !== "emoji-style")
        throw new TandemError("bad-config", `dataset ${dataset}: use one of ${datasets}`);
      return federate(await emoji.get(), { seed, slots }, blobs);
    },
    random: {
      id: () => randomBytes(8).toString("hex"),
      token: () => randomBytes(24).toString("base64url"),
    },
    log: (message, fields = {}) => log.info(fields, message),
  });
  await coordinator.recover();
  return {
    coordinator,
    store,
    blobs,
    async close() {
      await coordinator.close();
      await (await teacher.started())?.close();
      await store.close();
    },
  };
}

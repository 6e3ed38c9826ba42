import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Coordinator, createCoordinator } from "@tandem/coordinator/coordinator";
import type { BlobUpkeep, ObservedCommit, PlaceLimits } from "@tandem/coordinator/ports";
import type { BlobStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import { systemClock } from "@tandem/core/system-clock";
import { blobsOf, collectGarbage, referencedBlobs, usedBytes } from "@tandem/storage/garbage";
import { openStores } from "@tandem/storage/open-stores";
import { paintedFile } from "@tandem/storage/painted-file";
import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { startTeacherProcess } from "@tandem/teacher/process";
import type { Logger } from "pino";
import { type Bases, createBases } from "./bases";
import { createPaintBudget } from "./paint-budget";
import { createPaintings, type Paintings } from "./paintings";
import { createPreviews, type Previews } from "./previews";
import { createUploadThreads } from "./upload-threads";
import { createWorlds } from "./worlds";

export type Platform = {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly blobs: BlobStore;
  readonly bases: Bases;
  readonly paintings: Paintings;
  readonly previews: Previews;
  close(): Promise<void>;
};

/** Everything behind the HTTP interface: the stores that the environment names, and a child process. */
export async function openPlatform(options: {
  readonly directory: string;
  readonly log: Logger;
  readonly observe?: (commit: ObservedCommit) => void;
  readonly places: PlaceLimits;
  readonly quotas: Pick<BlobUpkeep, "experimentBytes" | "reserveBytes">;
}): Promise<Platform> {
  const { directory, log, observe, places, quotas } = options;
  const { store, tasks, blobs } = await openStores({
    directory,
    environment: process.env,
    log: (message) => log.warn(message),
  });
  const { deleted } = await collectGarbage({ store, tasks, blobs, now: Date.now() });
  if (deleted > 0) log.info({ deleted }, "blobs that neither experiment nor task names");
  const bases = createBases({
    directory: join(directory, "teachers"),
    tasks,
    blobs,
    log,
    now: systemClock.now,
  });
  const previews = createPreviews({
    directory: join(directory, "previews"),
    tasks,
    bases,
    environment: process.env,
    log,
  });
  const worlds = createWorlds({
    tasks,
    blobs,
    bases,
    environment: process.env,
    async startTeacher(dataset, teacher) {
      const started = Date.now();
      const ready = await startTeacherProcess({
        ...teacher,
        onNotice: (text) => log.warn({ dataset }, text),
      });
      log.info({ dataset, ms: Date.now() - started, images: ready.imageSize }, "teacher ready");
      return ready;
    },
  });
  const threads = createUploadThreads();
  const coordinator = createCoordinator({
    uploads: threads.uploads,
    store,
    blobs,
    clock: systemClock,
    strategies,
    teacher: worlds.teacher,
    federate: worlds.federate,
    random: {
      id: () => randomBytes(8).toString("hex"),
      token: () => randomBytes(24).toString("base64url"),
    },
    places,
    storage: {
      ...quotas,
      usedBytes: await usedBytes(store, blobs),
      freeBytes: () => freeBytes(directory),
      namedBy: (id) => blobsOf(store, id),
      named: () => referencedBlobs({ store, tasks }),
      erase: blobs.delete,
    },
    log: (message, fields = {}) => log.info(fields, message),
    ...(observe && { observe }),
  });
  const paintings = createPaintings({
    ...coordinator,
    teacher: worlds.teacher,
    isRemote: worlds.isRemote,
    hasTeacher: ({ strategy }) => strategyNamed(strategy).needs.teacher,
    budget: createPaintBudget(join(directory, paintedFile)),
    now: systemClock.now,
    random: () => randomBytes(16).toString("hex"),
    logError: (error) => log.error({ err: error }, "painting failed"),
  });
  await coordinator.recover();
  await bases.recover();
  return {
    coordinator,
    store,
    tasks,
    blobs,
    bases,
    paintings,
    previews,
    async close() {
      paintings.close();
      await previews.close();
      await bases.close();
      await coordinator.close();
      await threads.close();
      await worlds.close();
      await store.close();
    },
  };
}

/** Of the disk that the data directory is on, for whoever is not its administrator. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

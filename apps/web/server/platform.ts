import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Coordinator, createCoordinator } from "@tandem/coordinator/coordinator";
import type { BlobUpkeep, ObservedCommit, PlaceLimits } from "@tandem/coordinator/ports";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { BlobStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import { systemClock } from "@tandem/core/system-clock";
import type { Teacher } from "@tandem/core/teacher";
import { type BackupOptions, backUp } from "@tandem/storage/backup";
import { serverOf } from "@tandem/storage/backup-folder";
import {
  anothers,
  blobsOf,
  collectGarbage,
  referencedBlobs,
  usedBytes,
} from "@tandem/storage/garbage";
import { holdDeletes } from "@tandem/storage/held-deletes";
import { openStores } from "@tandem/storage/open-stores";
import { paintedFile } from "@tandem/storage/painted-file";
import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { startTeacherProcess } from "@tandem/teacher/process";
import type { Logger } from "pino";
import { type Accounts, openAccounts } from "./accounts/accounts";
import { secretIn } from "./accounts/secret";
import { createSpending, paidFrom, refusedIn, type Spending } from "./accounts/spending";
import { type Audit, createAudit } from "./audit/audit";
import { type BackupSchedule, type Backups, createBackups, recordedIn } from "./backups";
import { type Bases, createBases } from "./bases";
import type { ImportLimits } from "./exports/imports";
import { createPaintBudget } from "./paint-budget";
import { createPaintings, type Paintings } from "./paintings";
import { createPreviews, type Previews } from "./previews";
import { createThreads } from "./threads";
import { createWorlds } from "./worlds";

export type Platform = {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly blobs: BlobStore;
  readonly bases: Bases;
  readonly paintings: Paintings;
  readonly previews: Previews;
  readonly accounts: Accounts;
  readonly spending: Spending;
  readonly audit: Audit;
  readonly backups: Backups;
  readonly importLimits: ImportLimits;
  /** Whether an experiment's rounds spend what a teacher costs. */
  readonly costs: (config: ExperimentConfig) => Promise<boolean>;
  close(): Promise<void>;
};

/** Everything behind the HTTP interface: the stores that the environment names, and a child process. */
export async function openPlatform(options: {
  readonly directory: string;
  readonly log: Logger;
  readonly observe?: (commit: ObservedCommit) => void;
  readonly places: PlaceLimits;
  /** Of one client's messages, what is answered. */
  readonly requestsPerSecond?: number;
  /** None are made without it. */
  readonly backups?: BackupSchedule | undefined;
  readonly onBackup?: { good(at: number): void; failed(): void };
  readonly quotas: Pick<BlobUpkeep, "experimentBytes" | "reserveBytes">;
  /** Where browsers reach the server. */
  readonly url: URL;
  /** Whether it is for others than this machine, given whether there are accounts. */
  readonly isExposed: (hasOwner: boolean) => boolean;
  /** How long, and how much, is kept of who did what. */
  readonly kept: { readonly days: number; readonly rows: number };
  readonly onAuditLost: () => void;
}): Promise<Platform> {
  const { directory, log, observe, places, quotas, url, isExposed, requestsPerSecond } = options;
  const {
    store,
    tasks,
    blobs: archive,
    accounts: accountStore,
    audit: auditStore,
    records,
  } = await openStores({
    directory,
    environment: process.env,
    log: (message) => log.warn(message),
  });
  const { blobs, hold } = holdDeletes(archive);
  const stored = { store, tasks, blobs };
  const { kept, deleted, isAnothers } = await collectGarbage({ ...stored, now: Date.now() });
  if (isAnothers) log.warn(anothers(kept));
  if (deleted > 0) log.info({ deleted }, "blobs that neither experiment nor task names");
  const accounts = await openAccounts({
    store: accountStore,
    secret: await secretIn(directory),
    url,
    isExposed: isExposed(await accountStore.hasOwner()),
    now: systemClock.now,
  });
  const audit = createAudit({
    ...options.kept,
    ...{ store: auditStore, clock: systemClock, log, onLost: options.onAuditLost },
  });
  const spending = createSpending(accountStore.spending, systemClock.now, refusedIn(audit));
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
    spend: spending.spend,
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
  const threads = createThreads();
  /** A remote teacher paints what the day's budget has. */
  async function teacherOf(config: ExperimentConfig): Promise<Teacher> {
    const teacher = await worlds.teacher(config);
    return (await worlds.isRemote(config)) ? paidFrom(teacher, spending) : teacher;
  }
  const hasTeacher = ({ strategy }: ExperimentConfig) => strategyNamed(strategy).needs.teacher;
  const coordinator = createCoordinator({
    ...threads.ports,
    store,
    blobs,
    clock: systemClock,
    strategies,
    teacher: teacherOf,
    federate: worlds.federate,
    random: {
      id: () => randomBytes(8).toString("hex"),
      token: () => randomBytes(24).toString("base64url"),
    },
    places,
    ...(requestsPerSecond !== undefined && { requestsPerSecond }),
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
    teacher: teacherOf,
    isRemote: worlds.isRemote,
    hasTeacher,
    spend: spending.spend,
    budget: createPaintBudget(join(directory, paintedFile)),
    now: systemClock.now,
    random: () => randomBytes(16).toString("hex"),
    logError: (error) => log.error({ err: error }, "painting failed"),
  });
  const backups = await openBackups(options, audit, { records, blobs: archive, hold });
  await coordinator.recover();
  await bases.recover();
  await backups.start();
  return {
    backups,
    coordinator,
    store,
    tasks,
    blobs,
    bases,
    paintings,
    previews,
    accounts,
    spending,
    audit,
    importLimits: {
      ...{ directory: join(directory, "imports"), reserveBytes: quotas.reserveBytes },
      ...{ mostBytes: quotas.experimentBytes, freeBytes: () => freeBytes(directory) },
    },
    costs: async (config) => hasTeacher(config) && (await worlds.isRemote(config)),
    async close() {
      await backups.close();
      paintings.close();
      await previews.close();
      await bases.close();
      await coordinator.close();
      await threads.close();
      await worlds.close();
      await audit.close();
      await store.close();
    },
  };
}

type PlatformOptions = Parameters<typeof openPlatform>[0];

async function openBackups(
  { directory, log, quotas, backups: schedule, onBackup }: PlatformOptions,
  audit: Audit,
  from: Pick<BackupOptions, "records" | "blobs" | "hold">,
): Promise<Backups> {
  return createBackups({
    schedule,
    server: await serverOf(directory),
    reserveBytes: quotas.reserveBytes,
    take: recordedIn(audit, (folder, how) =>
      backUp({ ...from, data: directory, now: systemClock.now, ...how }, folder),
    ),
    clock: systemClock,
    log,
    ...(onBackup && { onGood: onBackup.good, onFailure: onBackup.failed }),
  });
}

/** Of the disk that the data directory is on, for whoever is not its administrator. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

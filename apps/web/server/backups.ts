import { statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "@tandem/core/clock";
import { hourMs, minuteMs } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import { formatBytes, formatDuration, plural } from "@tandem/core/format";
import { toldOf } from "@tandem/core/told-error";
import type { BackupsView } from "@tandem/protocol/view";
import type { BackupOptions } from "@tandem/storage/backup";
import {
  backupsIn,
  type KeptBackup,
  nameOfBackup,
  removeBackup,
  sweepBackups,
} from "@tandem/storage/backup-folder";
import type { Counts } from "@tandem/storage/backup-format";
import { makeFolder } from "@tandem/storage/make-folder";
import type { Logger } from "pino";
import type { Audit } from "./audit/audit";

export type BackupSchedule = {
  readonly folder: string;
  readonly everyMs: number;
  /** So many of this server's stay, the newest. */
  readonly keep: number;
};
type Take = (
  directory: string,
  how: Pick<BackupOptions, "progress" | "requireRoom" | "signal">,
) => Promise<Counts>;
export type Backups = ReturnType<typeof createBackups>;

const progressMs = 10_000;
const [leastRetryMs, mostRetryMs] = [minuteMs, hourMs];

/** The same, and the audit log has what came of it. */
export const recordedIn =
  ({ record }: Pick<Audit, "record">, take: Take): Take =>
  async (directory, how) => {
    const made = { by: "server", action: "backup.make" } as const;
    try {
      const counts = await take(directory, how);
      await record({ ...made, thing: basename(directory), outcome: "done" });
      return counts;
    } catch (error) {
      const isClosing = how.signal?.aborted;
      if (!isClosing) await record({ ...made, outcome: "failed", reason: toldOf(error).message });
      throw error;
    }
  };

/**
 * Makes backups of a running server, one at a time: every so often, and when an owner asks. A failure is
 * logged, counted, shown to owners and tried again sooner than the next is due.
 */
export function createBackups(options: {
  /** None are made without it. */
  readonly schedule?: BackupSchedule | undefined;
  /** Names this server's backups among those of others. */
  readonly server: string;
  /** That stay free on the folder's disk. */
  readonly reserveBytes: number;
  readonly take: Take;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Of the last one that is whole; and of each that was not made. */
  readonly onGood?: (at: number) => void;
  readonly onFailure?: () => void;
}) {
  const { schedule, server, reserveBytes, take, clock, log, onGood, onFailure } = options;
  const closing = new AbortController();
  let making: { done: number; of: number } | undefined;
  let running: Promise<void> = Promise.resolve();
  let problem: string | undefined;
  let nextAt: number | undefined;
  let cancel = () => {};

  /** Newest first; last what a clock that went ahead has dated later than now. */
  async function own({ folder }: BackupSchedule): Promise<readonly KeptBackup[]> {
    const now = clock.now();
    const all = (await backupsIn(folder)).filter((one) => one.server === server);
    return [...all.filter(({ at }) => at <= now), ...all.filter(({ at }) => at > now)];
  }

  async function requireRoom(folder: string): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (free < reserveBytes)
      throw new TandemError(
        "full",
        `${folder} has ${formatBytes(free)} left, and ${formatBytes(reserveBytes)} have to stay free: make room, or keep fewer backups`,
        { told: "The disk of the backups is full: make room, or keep fewer." },
      );
  }

  async function make({ folder, keep, everyMs }: BackupSchedule): Promise<void> {
    const started = clock.now();
    let toldAt = started;
    making = { done: 0, of: 0 };
    log.info({ folder }, "backup begins");
    try {
      await makeFolder(folder, 0o700);
      const name = nameOfBackup(started, server);
      const counts = await take(join(folder, name), {
        signal: closing.signal,
        requireRoom: () => requireRoom(folder),
        progress(done, of) {
          making = { done, of };
          if (clock.now() - toldAt < progressMs) return;
          toldAt = clock.now();
          log.info({ done, of }, "backup goes on: blobs");
        },
      });
      problem = undefined;
      nextAt = started + everyMs;
      onGood?.(started);
      const took = formatDuration(clock.now() - started);
      log.info({ name, ...counts }, `backup made in ${took}`);
    } catch (error) {
      if (closing.signal.aborted) return log.warn("the backup under way ends with the server");
      problem = toldOf(error).message;
      onFailure?.();
      const retryMs = Math.min(
        everyMs,
        Math.max(leastRetryMs, Math.min(mostRetryMs, everyMs / 24)),
      );
      nextAt = clock.now() + retryMs;
      log.error({ err: error }, `NO BACKUP WAS MADE; tried again in ${formatDuration(retryMs)}`);
      return;
    } finally {
      making = undefined;
    }
    await removeOld({ folder, keep, everyMs });
  }

  /** Only once there is a good new one. */
  async function removeOld(of: BackupSchedule): Promise<void> {
    try {
      for (const old of (await own(of)).slice(of.keep)) {
        await removeBackup(of.folder, old);
        log.info({ name: old.name }, "old backup removed");
      }
    } catch (error) {
      log.error({ err: error }, "an old backup could not be removed");
    }
  }

  function begin(of: BackupSchedule): void {
    cancel();
    running = make(of).then(() => look(of));
  }

  /** Timers have a longest time, and machines sleep. */
  function look(of: BackupSchedule): void {
    if (closing.signal.aborted) return;
    const now = clock.now();
    nextAt = Math.min(nextAt ?? now, now + of.everyMs); // clocks are set back
    if (nextAt <= now) begin(of);
    else cancel = clock.after(Math.min(nextAt - now, hourMs), () => look(of));
  }

  return {
    /** Makes one at once where one is due. */
    async start(): Promise<void> {
      if (!schedule) return;
      const { folder, everyMs, keep } = schedule;
      try {
        await makeFolder(folder, 0o700);
        const swept = await sweepBackups(folder, server);
        if (swept.length > 0) log.warn({ swept }, "unfinished backups removed");
        const last = (await own(schedule)).find(({ at }) => at <= clock.now());
        onGood?.(last?.at ?? 0);
        if (last) nextAt = last.at + everyMs;
      } catch (error) {
        log.error({ err: error }, `${folder} cannot be read`);
      }
      const how = `every ${formatDuration(everyMs)}, ${plural(keep, "is", "are")} kept`;
      log.info({ folder }, `backups are made ${how}`);
      look(schedule);
    },
    /** Begins one; throws `not-supported` where no folder is named, `conflict` while one is being made. */
    now(): void {
      if (!schedule)
        throw new TandemError(
          "not-supported",
          "This server has no folder for backups: start it with --backup-to FOLDER, or TANDEM_BACKUP_TO.",
        );
      if (making) throw new TandemError("conflict", "A backup is under way already.");
      begin(schedule);
    },
    async view(): Promise<BackupsView> {
      if (!schedule) return { backups: [] };
      const { everyMs, keep } = schedule;
      const backups = (await own(schedule).catch(() => [])).map(({ name, at }) => ({ name, at }));
      return {
        ...{ schedule: { everyMs, keep }, backups },
        ...(nextAt !== undefined && !making && { nextAt }),
        ...(making && { making }),
        ...(problem !== undefined && { problem }),
      };
    },
    /** Ends the one under way, of which nothing stays. */
    async close(): Promise<void> {
      closing.abort(new TandemError("cancelled", "the server closes"));
      cancel();
      await running;
    },
  };
}

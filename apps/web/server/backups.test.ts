import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock } from "@tandem/coordinator/testing/manual-clock";
import { hourMs } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import type { BackupsView } from "@tandem/protocol/view";
import { nameOfBackup } from "@tandem/storage/backup-folder";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createBackups, recordedIn } from "./backups";
import { testAudit } from "./testing/open-server";

const keep = 2;
const server = "0123abcd";
const counts = { accounts: 1, experiments: 2, tasks: 3, blobs: 4, bases: 0, backboneFiles: 0 };

let folder: string;
beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-backups-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  folder = join(directory, "backups");
});

function open(clock = createManualClock(), reserveBytes = 0) {
  const said: string[] = [];
  const good: number[] = [];
  let failures = 0;
  let fault: Error | undefined;
  let gate: Promise<void> = Promise.resolve();
  const log = (...[, text]: unknown[]) => void said.push(String(text));
  const backups = createBackups({
    ...{ schedule: { folder, everyMs: hourMs, keep }, server, reserveBytes, clock },
    async take(directory, { requireRoom, signal, progress }) {
      await gate;
      signal?.throwIfAborted();
      await requireRoom?.();
      if (fault) throw fault;
      progress?.(4, 4);
      await mkdir(directory);
      await writeFile(join(directory, "manifest.json"), "{}");
      return counts;
    },
    log: { info: log, warn: log, error: log } as never,
    onGood: (at) => void good.push(at),
    onFailure: () => void failures++,
  });
  onTestFinished(() => backups.close());
  const settled = (until: (view: BackupsView) => boolean) =>
    expect.poll(async () => until(await backups.view())).toBe(true);
  return {
    ...{ backups, clock, said, good, settled },
    failures: () => failures,
    fail(error: Error | undefined): void {
      fault = error;
    },
    wait(): () => void {
      let go = () => {};
      gate = new Promise((resolve) => {
        go = resolve;
      });
      return go;
    },
    made: (count: number) =>
      settled(({ backups: all, making }) => all.length === count && making === undefined),
  };
}

test("one is made when it is due, and old ones go, but for those of others and other files", async () => {
  const { backups, clock, good, made, said } = open();
  const other = nameOfBackup(0, "ffffffff");
  const odd = [other, "tandem-notes", `${nameOfBackup(1, server)}.partial`];
  for (const name of odd) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, other, "manifest.json"), "{}");
  const first = clock.now();
  await backups.start();
  await made(1);
  for (const count of [2, 2, 2]) {
    const soFar = good.length;
    clock.advance(hourMs - 1);
    expect((await backups.view()).making).toBeUndefined(); // not due
    expect(good).toHaveLength(soFar);
    clock.advance(1);
    await expect.poll(() => good.at(-1)).toBe(clock.now());
    await made(count);
  }
  const names = [2, 3].map((hours) => nameOfBackup(first + hours * hourMs, server));
  await expect.poll(() => readdir(folder)).toEqual([other, ...names, "tandem-notes"].toSorted());
  expect(said.filter((text) => text === "old backup removed")).toHaveLength(2);
  expect(said).toContain("unfinished backups removed");
  expect(await backups.view()).toEqual({
    schedule: { everyMs: hourMs, keep },
    backups: [3, 2].map((hours) => ({
      name: nameOfBackup(first + hours * hourMs, server),
      at: first + hours * hourMs,
    })),
    nextAt: first + 4 * hourMs,
  });
});

test("after a clock went ahead, the backups of then are the old ones", async () => {
  const { backups, clock, made, said } = open();
  const ahead = [1, 2].map((days) => nameOfBackup(clock.now() + days * 24 * hourMs, server));
  for (const name of ahead) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "manifest.json"), "{}");
  }
  const first = clock.now();
  await backups.start();
  await expect.poll(() => said).toContain("old backup removed");
  clock.advance(hourMs);
  await made(keep);
  const own = [first, first + hourMs].map((at) => nameOfBackup(at, server));
  await expect.poll(() => readdir(folder)).toEqual(own);
});

test("a server that was stopped makes one at once where it is overdue, and waits where it is not", async () => {
  const { backups, clock, made } = open();
  await backups.start();
  await made(1);
  await backups.close();
  clock.advance(hourMs / 2);
  const next = open(clock);
  await next.backups.start();
  expect(next.good).toEqual([clock.now() - hourMs / 2]);
  expect(await next.backups.view()).toMatchObject({ nextAt: clock.now() + hourMs / 2 });
  await next.backups.close();
  clock.advance(hourMs);
  const late = open(clock);
  await late.backups.start();
  await late.made(2);
});

test("one that fails is said, counted, keeps the old ones, and is tried again sooner", async () => {
  const { backups, clock, fail, failures, good, made, said, settled } = open();
  await backups.start();
  await made(1);
  clock.advance(hourMs);
  await made(2);
  fail(new Error("the disk is away: /secret/place"));
  clock.advance(hourMs);
  await settled(({ problem }) => problem !== undefined);
  const view = await backups.view();
  expect(view).toMatchObject({ problem: "Something broke inside.", nextAt: clock.now() + 150_000 });
  expect(view.backups).toHaveLength(2);
  expect(failures()).toBe(1);
  expect(said.at(-1)).toMatch(/^NO BACKUP WAS MADE; tried again in 2 min 30 s/);
  expect(good).toHaveLength(3); // none yet, and two
  fail(undefined);
  clock.advance(150_000);
  await settled(({ problem, making }) => problem === undefined && making === undefined);
  expect(good.at(-1)).toBe(clock.now());
});

test("none is made that would fill the disk", async () => {
  const { backups, settled } = open(createManualClock(), 2 ** 60);
  await backups.start();
  await settled(({ problem }) => /disk of the backups is full/.test(problem ?? ""));
  expect(await readdir(folder)).toEqual([]);
});

test("an owner's comes at once and moves the next one, and two are never made at a time", async () => {
  const { backups, clock, made, wait } = open();
  await backups.start();
  await made(1);
  clock.advance(hourMs / 2);
  const go = wait();
  backups.now();
  expect(() => backups.now()).toThrow(/under way already/);
  expect(await backups.view()).toMatchObject({ making: { done: 0, of: 0 } });
  go();
  await made(2);
  expect((await backups.view()).nextAt).toBe(clock.now() + hourMs);
});

test("closing ends the one under way, which is no failure", async () => {
  const { backups, failures, wait } = open();
  const go = wait();
  await backups.start();
  const closed = backups.close();
  go();
  await closed;
  expect(failures()).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

test("without a folder there are none, and the way to have some is told", async () => {
  const none = createBackups({
    ...{ server, reserveBytes: 0, clock: createManualClock(), take: async () => counts },
    log: {} as never,
  });
  await none.start();
  expect(await none.view()).toEqual({ backups: [] });
  expect(() => none.now()).toThrow(/--backup-to/);
  await none.close();
});

test("the audit log has each backup by its name, and failures once an hour", async () => {
  const audit = testAudit();
  let fault: Error | undefined;
  const take = recordedIn(audit, async () => {
    if (fault) throw fault;
    return counts;
  });
  await take(join(folder, "first"), {});
  fault = new TandemError("full", "the disk is full");
  for (const name of ["second", "third"])
    await expect(take(join(folder, name), {})).rejects.toThrow("the disk is full");
  await expect(take(join(folder, "last"), { signal: AbortSignal.abort() })).rejects.toThrow();
  const made = { by: "server", action: "backup.make" };
  const kept = await audit.list({}, 9);
  expect(kept).toMatchObject([
    { ...made, outcome: "failed", reason: "the disk is full", count: 1 },
    { ...made, outcome: "done", thing: "first" },
  ]);
  await audit.close();
  expect((await audit.list({}, 9)).map(({ count }) => count)).toEqual([1, 1, 1]);
});

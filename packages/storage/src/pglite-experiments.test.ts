import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { experimentId } from "@tandem/core/ids";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPgliteExperiments } from "./pglite-experiments";
import { accountStoreContract } from "./testing/account-store.contract";
import { auditStoreContract } from "./testing/audit-store.contract";
import { experimentStoreContract } from "./testing/experiment-store.contract";
import { event, record, taskRecord } from "./testing/records";
import { taskStoreContract } from "./testing/task-store.contract";
import { openTestDatabase } from "./testing/test-database";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tandem-pglite-"));
});
afterAll(() => rm(root, { recursive: true }));

experimentStoreContract("PGlite", () => openPgliteExperiments());
taskStoreContract("PGlite", openTestDatabase);
accountStoreContract("PGlite", openTestDatabase);
auditStoreContract("PGlite", openTestDatabase);

it("a directory opens again with its experiments and tasks, for one process at a time", async () => {
  const directory = join(root, "again");
  const first = await openPgliteExperiments({ directory });
  await first.create(record("a"));
  await first.tasks.create(taskRecord("task-a"));
  await expect(openPgliteExperiments({ directory })).rejects.toMatchObject({ code: "conflict" });
  await first.close();
  const second = await openPgliteExperiments({ directory });
  expect(await second.list()).toEqual([record("a")]);
  expect(await second.tasks.list()).toEqual([taskRecord("task-a")]);
  await second.close();
  expect(await readdir(directory)).toEqual(["postgres"]);
});

it("everybody else is heard between two commits, also where all wait at once", async () => {
  const store = await openPgliteExperiments();
  await store.create(record("a"));
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const change = (i: number) => ({ events: [event(i)] });
  for (let i = 1; i <= 20; i++) await store.commit(experimentId("a"), change(i));
  expect(turns).toBeGreaterThanOrEqual(20);
  turns = 0;
  const later = Array.from({ length: 20 }, (_, i) =>
    store.commit(experimentId("a"), change(21 + i)),
  );
  await Promise.all([...later, expect(store.get(experimentId("none"))).rejects.toThrow()]);
  expect(turns).toBeGreaterThanOrEqual(20);
  isOver = true;
  await store.close();
});

it("every acknowledged commit is there after SIGKILL", async () => {
  const directory = join(root, "crash");
  const script = fileURLToPath(new URL("testing/crash-writer.ts", import.meta.url));
  const writer = spawn(execPath, ["--import", "tsx", script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged = await killedAfter(writer, 40);
  const store = await openPgliteExperiments({ directory });
  const events = await store.events(experimentId("crash"));
  expect(events.length).toBeGreaterThanOrEqual(acknowledged);
  expect(events).toEqual(Array.from(events, (_, i) => event(i + 1)));
  expect((await store.get(experimentId("crash"))).sequence).toBe(events.length);
  await store.close();
});

/** Kills the writer at its `count`th line and returns the last number it has printed by then. */
async function killedAfter(writer: ChildProcess, count: number): Promise<number> {
  let text = "";
  writer.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split("\n").length > count) writer.kill("SIGKILL");
  });
  const [, signal] = await once(writer, "close");
  expect(signal).toBe("SIGKILL");
  return Number(text.trim().split("\n").at(-1));
}

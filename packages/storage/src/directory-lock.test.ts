import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid, ppid } from "node:process";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockDirectory } from "./directory-lock";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-lock-"));
});
afterEach(() => rm(directory, { recursive: true }));

it("names this process while it holds the directory, and leaves nothing behind", async () => {
  const unlock = await lockDirectory(directory);
  expect(await readFile(join(directory, "lock"), "utf8")).toBe(String(pid));
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: "conflict" });
  await unlock();
  await unlock();
  expect(await readdir(directory)).toEqual([]);
});

it("a living process keeps its directory, and the refusal names it", async () => {
  await writeFile(join(directory, "lock"), String(ppid));
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`process ${ppid}`),
  });
  expect(await readdir(directory)).toEqual(["lock"]);
});

it.each([
  ["a process that is gone", String(2 ** 22 + 1)], // Linux gives no pid above 2^22
  ["an earlier process with this one's pid", String(pid)],
  ["nobody", ""],
])("the lock of %s is taken over", async (_, owner) => {
  await writeFile(join(directory, "lock"), owner);
  const unlock = await lockDirectory(directory);
  expect(await readdir(directory)).toEqual(["lock"]);
  await unlock();
});

it("one of many that find a dead owner's lock gets it", async () => {
  await writeFile(join(directory, "lock"), String(2 ** 22 + 1));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => lockDirectory(directory)),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

import { TandemError } from "@tandem/core/errors";
import { expect, it } from "vitest";
import { runInChild } from "./child-job";
import type { SmallJob, SmallWork } from "./testing/small-jobs";

const run = (job: SmallJob, signal = new AbortController().signal, note = (_: string) => {}) =>
  runInChild<SmallWork>(new URL("./testing/small-jobs.ts", import.meta.url), job, {
    signal,
    note,
  });
const thrownBy = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable("it resolved"),
    (error: Error) => error,
  );

/** Whether a process runs, this one's own zombies aside. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("a job is done in another process, which Ctrl-C alone does not end, and tells of progress", async () => {
  const notes: string[] = [];
  const { sum, pid } = await run({ kind: "add", numbers: [1, 2, 39] }, undefined, (text) =>
    notes.push(text),
  );
  expect(sum).toBe(42);
  expect(pid).not.toBe(process.pid);
  expect(notes).toEqual([`process ${pid}`, "adding 1", "adding 2", "adding 39"]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it("what it throws keeps its code; what has none is a plain error", async () => {
  const refused = await thrownBy(run({ kind: "refuse" }));
  expect(refused).toMatchObject({ code: "not-supported", message: "no such sum: give numbers" });
  const broken = await thrownBy(run({ kind: "break" }));
  expect(broken).not.toBeInstanceOf(TandemError);
  expect(broken.message).toBe("an invariant");
});

it("a process that ends without an answer is unavailable, with its last words", async () => {
  const error = await thrownBy(run({ kind: "die" }));
  expect(error).toMatchObject({
    code: "unavailable",
    message: "its process ended with 3\nout of memory, perhaps",
  });
});

it("aborting ends the process at once, and a job is not begun after it", async () => {
  const abort = new AbortController();
  let pid = 0;
  const error = await thrownBy(
    run({ kind: "wait" }, abort.signal, (text) => {
      pid = Number(text.replace("process ", ""));
      abort.abort();
    }),
  );
  expect(error).toMatchObject({ code: "cancelled" });
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);

  const notes: string[] = [];
  await expect(
    run({ kind: "wait" }, abort.signal, (text) => notes.push(text)),
  ).rejects.toMatchObject({ code: "cancelled" });
  expect(notes).toEqual([]);
});

it("a module that cannot be loaded is unavailable, and the reason is told", async () => {
  const nowhere = new URL("./testing/nowhere.ts", import.meta.url);
  const { signal } = new AbortController();
  await expect(
    runInChild<SmallWork>(nowhere, { kind: "wait" }, { signal, note: () => {} }),
  ).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("nowhere.ts") });
});

import type { TaskStore } from "@tandem/core/stores";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { taskRecord } from "./records";

/** What every driver of `TaskStore` must do; `open` gives an empty store. */
export function taskStoreContract(
  name: string,
  open: () => Promise<{ readonly tasks: TaskStore; close(): Promise<void> }>,
): void {
  describe(`${name} as a task store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let tasks: TaskStore;
    beforeAll(async () => {
      opened = await open();
      tasks = opened.tasks;
    });
    beforeEach(async () => {
      for (const { id } of await tasks.list()) await tasks.remove(id);
    });
    afterAll(() => opened.close());

    it("gives back what was created, with its sets and without", async () => {
      const whole = taskRecord("task-a");
      const { publicSet: _, test: __, ...bare } = taskRecord("task-b");
      for (const record of [whole, bare]) {
        await tasks.create(record);
        expect(await tasks.get(record.id)).toEqual(record);
      }
    });

    it("lists tasks by the code units of their ids", async () => {
      for (const id of ["task-b", "task-a", "task-B"]) await tasks.create(taskRecord(id));
      expect((await tasks.list()).map(({ id }) => id)).toEqual(["task-B", "task-a", "task-b"]);
    });

    it("refuses to create a task twice, and keeps the first", async () => {
      await tasks.create(taskRecord("task-a"));
      const second = { ...taskRecord("task-a"), createdAt: 7 };
      await expect(tasks.create(second)).rejects.toMatchObject({ code: "conflict" });
      expect(await tasks.get("task-a")).toEqual(taskRecord("task-a"));
    });

    it("says not-found for a task that is not there", async () => {
      await expect(tasks.get("task-a")).rejects.toMatchObject({ code: "not-found" });
      await expect(tasks.replace(taskRecord("task-a"))).rejects.toMatchObject({
        code: "not-found",
      });
      expect(await tasks.list()).toEqual([]);
    });

    it("replaces a whole record, so that an absent set becomes absent, and no other", async () => {
      for (const id of ["task-a", "task-b"]) await tasks.create(taskRecord(id));
      const { test: _, ...rest } = taskRecord("task-a");
      const changed = { ...rest, task: { ...rest.task, name: "Leaves" } };
      await tasks.replace(changed);
      expect(await tasks.get("task-a")).toEqual(changed);
      expect(await tasks.get("task-b")).toEqual(taskRecord("task-b"));
    });

    it("forgets a task, and no other", async () => {
      for (const id of ["task-a", "task-b"]) await tasks.create(taskRecord(id));
      await tasks.remove("task-a");
      await tasks.remove("task-a");
      expect(await tasks.list()).toEqual([taskRecord("task-b")]);
    });

    it("shares no memory with its callers", async () => {
      const given = structuredClone(taskRecord("task-a"));
      await tasks.create(given);
      Object.assign(given.task, { name: "changed outside" });
      Object.assign((await tasks.get("task-a")).task, { name: "changed again" });
      expect(await tasks.get("task-a")).toEqual(taskRecord("task-a"));
    });
  });
}

import type { TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { eq } from "drizzle-orm";
import { taskExists, taskNotFound } from "./errors";
import { tasks } from "./schema";
import { byCodeUnits, type Database } from "./sql-experiments";

/** The port on a migrated PostgreSQL, embedded or not. */
export const tasksOn = (db: Database): TaskStore => ({
  async create(record) {
    const added = await db
      .insert(tasks)
      .values(record)
      .onConflictDoNothing()
      .returning({ id: tasks.id });
    if (added.length === 0) throw taskExists(record.id);
  },
  async list() {
    return (await db.select().from(tasks).orderBy(byCodeUnits(tasks.id))).map(recordOf);
  },
  async get(id) {
    const [row] = await db.select().from(tasks).where(eq(tasks.id, id));
    if (!row) throw taskNotFound(id);
    return recordOf(row);
  },
  async replace(record) {
    const changed = await db
      .update(tasks)
      .set({ publicSet: null, test: null, ...record })
      .where(eq(tasks.id, record.id))
      .returning({ id: tasks.id });
    if (changed.length === 0) throw taskNotFound(record.id);
  },
  async remove(id) {
    await db.delete(tasks).where(eq(tasks.id, id));
  },
});

const recordOf = ({ publicSet, test, ...row }: typeof tasks.$inferSelect): TaskRecord => ({
  ...row,
  ...(publicSet && { publicSet }),
  ...(test && { test }),
});

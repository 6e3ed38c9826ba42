import type { TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { taskExists, taskNotFound } from "./errors";

/** Tasks that last as long as the process. Records are copied on their way in and out. */
export function createMemoryTasks(): TaskStore {
  const records = new Map<string, TaskRecord>();
  return {
    async create(record) {
      if (records.has(record.id)) throw taskExists(record.id);
      records.set(record.id, structuredClone(record));
    },
    async list() {
      const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
      return structuredClone(sorted.map(([, record]) => record));
    },
    async get(id) {
      const record = records.get(id);
      if (!record) throw taskNotFound(id);
      return structuredClone(record);
    },
    async replace(record) {
      if (!records.has(record.id)) throw taskNotFound(record.id);
      records.set(record.id, structuredClone(record));
    },
    async remove(id) {
      records.delete(id);
    },
  };
}

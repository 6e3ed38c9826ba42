import { type AuditEntry, type AuditFilter, strangers } from "@tandem/core/audit";
import type { AuditStore } from "@tandem/core/stores";

/** A log that lasts as long as the process. */
export function createMemoryAudit(): AuditStore {
  let entries: readonly AuditEntry[] = [];
  let sequence = 0;
  return {
    async add(records) {
      const added = records.map((record) => ({ ...record, sequence: ++sequence }));
      entries = [...entries, ...added];
    },
    async list(filter, most) {
      const found = entries.filter((entry) => isOf(filter, entry)).reverse();
      return structuredClone(found.slice(0, most));
    },
    async prune(before, most) {
      entries = entries.filter(({ at }) => at >= before);
      const unnamed = entries.filter(({ by }) => strangers.includes(by));
      const gone = new Set(unnamed.slice(0, Math.max(0, unnamed.length - most.strangers)));
      entries = entries.filter((entry) => !gone.has(entry));
      entries = entries.slice(Math.max(0, entries.length - most.all));
    },
  };
}

function isOf(filter: AuditFilter, { at, by, name, action, thing, sequence }: AuditEntry): boolean {
  const holds = (text: string | undefined, part: string) =>
    text?.toLowerCase().includes(part.toLowerCase()) === true;
  const { who, from = at, until = Infinity, before = Infinity } = filter;
  return (
    (who === undefined || holds(name, who) || by === who.toLowerCase()) &&
    (filter.action === undefined || filter.action === action) &&
    (filter.thing === undefined || holds(thing, filter.thing)) &&
    at >= from &&
    at < until &&
    sequence < before
  );
}

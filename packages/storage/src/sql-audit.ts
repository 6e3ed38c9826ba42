import { type AuditEntry, type AuditFilter, strangers } from "@tandem/core/audit";
import type { AuditStore } from "@tandem/core/stores";
import { and, desc, eq, gte, ilike, inArray, lt, lte, or, type SQL } from "drizzle-orm";
import { audit } from "./accounts-schema";
import type { Database } from "./sql-experiments";

/** The port on a migrated PostgreSQL, embedded or not. */
export const auditOn = (db: Database): AuditStore => ({
  async add(records) {
    if (records.length > 0) await db.insert(audit).values([...records]);
  },
  async list(filter, most) {
    const rows = await db
      .select()
      .from(audit)
      .where(isOf(filter))
      .orderBy(desc(audit.sequence))
      .limit(most);
    return rows.map(entryOf);
  },
  async prune(before, most) {
    await db.delete(audit).where(lt(audit.at, before));
    await keepLatest(db, most.strangers, inArray(audit.by, [...strangers]));
    await keepLatest(db, most.all);
  },
});

async function keepLatest(db: Database, most: number, of?: SQL): Promise<void> {
  const [first] = await db
    .select({ sequence: audit.sequence })
    .from(audit)
    .where(of)
    .orderBy(desc(audit.sequence))
    .offset(most)
    .limit(1);
  if (first) await db.delete(audit).where(and(of, lte(audit.sequence, first.sequence)));
}

const isOf = ({ who, action, thing, from, until, before }: AuditFilter) =>
  and(
    who === undefined ? undefined : or(ilike(audit.name, holding(who)), eq(audit.by, byOf(who))),
    action === undefined ? undefined : eq(audit.action, action),
    thing === undefined ? undefined : ilike(audit.thing, holding(thing)),
    from === undefined ? undefined : gte(audit.at, from),
    until === undefined ? undefined : lt(audit.at, until),
    before === undefined ? undefined : lt(audit.sequence, before),
  );

const holding = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
/** Whatever it is, it is compared with the actors. */
const byOf = (who: string) => who.toLowerCase() as AuditEntry["by"];

/** Empty columns are absent as in the records of core. */
const entryOf = (row: typeof audit.$inferSelect): AuditEntry =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as AuditEntry; // exactly what the filter leaves

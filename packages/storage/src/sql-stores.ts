import type { AuditStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import { type AccountStore, accountsOn } from "./sql-accounts";
import { auditOn } from "./sql-audit";
import { type Database, experimentsOn } from "./sql-experiments";
import { type Records, recordsOn } from "./sql-records";
import { tasksOn } from "./sql-tasks";

/** All that is kept in one database. */
export type SqlStores = ExperimentStore & {
  readonly tasks: TaskStore;
  readonly accounts: AccountStore;
  readonly audit: AuditStore;
  /** All tables, for backups. */
  readonly records: Records;
};

/** On a migrated PostgreSQL, embedded or not; `close` is the driver's. */
export const storesOn = (db: Database, close: () => Promise<void>): SqlStores => ({
  ...experimentsOn(db, close),
  tasks: tasksOn(db),
  accounts: accountsOn(db),
  audit: auditOn(db),
  records: recordsOn(db),
});

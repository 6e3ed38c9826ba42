import type { PgTable } from "drizzle-orm/pg-core";
import * as accounts from "./accounts-schema";
import * as schema from "./schema";

type BackedUp = {
  readonly table: PgTable;
  /** Of people who sign in, what they may spend and what they did: `--no-accounts` leaves it out. */
  readonly isOfAccounts?: true;
  /** Its rows name blobs. */
  readonly namesBlobs?: true;
};

/** Every table whose rows a backup has; one that refers to another stands after it. */
export const backedUp: readonly BackedUp[] = [
  { table: accounts.user, isOfAccounts: true },
  { table: accounts.account, isOfAccounts: true },
  { table: accounts.passkey, isOfAccounts: true },
  { table: accounts.accountLinks, isOfAccounts: true },
  { table: accounts.apiTokens, isOfAccounts: true },
  { table: accounts.budgets, isOfAccounts: true },
  { table: accounts.spendings, isOfAccounts: true },
  { table: accounts.audit, isOfAccounts: true },
  { table: schema.tasks, namesBlobs: true },
  { table: schema.experiments, namesBlobs: true },
  { table: schema.events, namesBlobs: true },
  { table: schema.rounds, namesBlobs: true },
  { table: schema.clients },
  { table: schema.invitations },
  { table: schema.applicants },
  { table: schema.metrics },
];

/** Tables that no backup has, and why. */
export const leftOutTables: Readonly<Record<string, string>> = {
  user_sessions: "whoever has a session's token is signed in: people sign in again",
  user_verifications: "what a sign-in by passkey asks, for minutes",
};

/** What lies in a server's data directory: in a backup, or not and why. */
export const dataFiles: Readonly<Record<string, "in" | string>> = {
  blobs: "in", // those that records name
  teachers: "in",
  backbones: "in",
  "paintings.json": "in",
  postgres: "its rows are, in a form that every PostgreSQL takes",
  "cookie-secret": "signs sessions; a server without one makes another",
  tls: "the key of one machine's own certificate; a server without one makes another",
  imports: "what is being taken in; begun again by whoever has the file",
  previews: "painted again when somebody asks",
  "backup-id": "whose backups a server may remove: a restored one has none yet",
  lock: "of the process that runs",
};

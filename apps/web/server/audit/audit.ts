import type { AuditRecord } from "@tandem/core/audit";
import type { Clock } from "@tandem/core/clock";
import { dayMs, hourMs, minuteMs } from "@tandem/core/duration";
import { codeOf, TandemError } from "@tandem/core/errors";
import type { AuditStore } from "@tandem/core/stores";
import { toldOf } from "@tandem/core/told-error";
import type { AuditAction } from "@tandem/protocol/audit-actions";
import { storableOf } from "@tandem/protocol/text";
import type { Logger } from "pino";
import type { Visitor } from "../accounts/accounts";

const [mostText, mostWaiting] = [200, 1000] as const;
const prunedEach = 500;
/** Of the rows: whoever has no account pushes out nothing of those who have. */
const shareOfStrangers = 0.1;

type Entry = Omit<AuditRecord, "at" | "count" | "action"> & { readonly action: AuditAction };
type Person = { readonly id: string; readonly name: string; readonly role: string };

/** What only the handler knows of what it does. */
export type Noted = {
  readonly thing?: string;
  readonly detail?: string;
  /** Where it is another than the table's. */
  readonly action?: AuditAction;
  /** Who it was that had no name before. */
  readonly by?: Person;
  /** False: nothing was to be changed after all. */
  readonly changes?: boolean;
};
export type Note = (noted: Noted) => void;

export type Watched = {
  /** Undefined: nothing is kept of it. */
  readonly action: AuditAction | undefined;
  readonly visitor: Visitor;
  readonly isParticipant: boolean;
  readonly thing: string;
};

type Alike = { readonly first: AuditRecord; more: number; readonly cancel: () => void };

export type Audit = ReturnType<typeof createAudit>;

/** Keeps who did what. What cannot be written is logged, waits, and holds up all that would have to be. */
export function createAudit(options: {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly log: Pick<Logger, "info" | "error">;
  readonly days: number;
  readonly rows: number;
  readonly onLost?: () => void;
}) {
  const { store, clock, log, days, rows, onLost } = options;
  const waiting: AuditRecord[] = [];
  const alike = new Map<string, Alike>();
  let writing = Promise.resolve();
  let unpruned = Number.POSITIVE_INFINITY; // at the first record

  async function write(): Promise<void> {
    const records = waiting.splice(0);
    if (records.length === 0) return;
    try {
      await store.add(records);
    } catch (error) {
      waiting.unshift(...records);
      return lost(error, records);
    }
    unpruned += records.length;
    if (unpruned < prunedEach) return;
    unpruned = 0;
    const most = { all: rows, strangers: Math.ceil(rows * shareOfStrangers) };
    await store
      .prune(clock.now() - days * dayMs, most)
      .catch((err: unknown) => log.error({ err }, "the audit log cannot be shortened"));
  }
  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  function lost(err: unknown, audit: readonly AuditRecord[]): void {
    onLost?.();
    log.error({ err, audit }, "the audit log cannot be written");
  }

  async function keep(record: AuditRecord): Promise<void> {
    log.info({ audit: record }, `audit: ${record.action} ${record.outcome}`);
    if (waiting.length < mostWaiting) waiting.push(record);
    else lost(new Error("too much waits to be written"), [record]);
    await flush();
  }

  /** Resolves once it is written, or logged where that fails. */
  async function record(entry: Entry): Promise<void> {
    const full: AuditRecord = { ...bounded(entry), at: clock.now(), count: 1 };
    const key = keyOf(full);
    const known = key === undefined ? undefined : alike.get(key);
    if (known) {
      known.more++;
      return;
    }
    if (key !== undefined) {
      // The server's own refusals are rarer.
      const after = full.by === "server" ? hourMs : minuteMs;
      const cancel = clock.after(after, () => void summed(key));
      alike.set(key, { first: full, more: 0, cancel });
    }
    await keep(full);
  }

  async function summed(key: string): Promise<void> {
    const found = alike.get(key);
    alike.delete(key);
    found?.cancel();
    if (found && found.more > 0) await keep({ ...found.first, at: clock.now(), count: found.more });
  }

  return {
    record,
    /** Runs it, and keeps who did it and what came of it. Throws `unavailable` where that could not be kept. */
    async watch<T>(watched: Watched, run: (note: Note) => Promise<T>): Promise<T> {
      const { action, visitor, isParticipant, thing } = watched;
      if (action === undefined) return run(() => {});
      await flush();
      if (waiting.length > 0) throw unwritable();
      let noted: Noted = {};
      const entry = (): Entry => ({
        ...(noted.by
          ? actorOf({ by: "session", account: noted.by, role: noted.by.role })
          : actorOf(visitor, isParticipant)),
        action: noted.action ?? action,
        ...(thing && { thing }),
        ...(noted.thing !== undefined && { thing: noted.thing }),
        ...(noted.detail && { detail: noted.detail }),
        outcome: "done",
      });
      try {
        const result = await run((more) => {
          noted = { ...noted, ...more };
        });
        if (noted.changes !== false) await record(entry());
        return result;
      } catch (error) {
        await record(refused(entry(), error, noted.thing));
        throw error;
      }
    },
    list: store.list,
    /** As many as are kept. */
    rows,
    /** What has been counted and not yet written. */
    async close(): Promise<void> {
      for (const key of [...alike.keys()]) await summed(key);
      await flush();
    },
  };
}

const unwritable = () =>
  new TandemError(
    "unavailable",
    "What is done here is recorded, and the record cannot be written: ask whoever runs the server to look at its log and its database.",
  );

function actorOf(
  {
    by,
    role,
    account,
    token,
  }: Pick<Visitor, "by" | "token"> & {
    readonly role?: string;
    readonly account?: { readonly id: string; readonly name: string };
  },
  isParticipant = false,
): Pick<Entry, "by" | "account" | "name" | "role" | "token"> {
  if (account)
    return {
      by: by === "token" ? "token" : "account",
      ...{ account: account.id, name: account.name },
      ...(role && { role }),
      ...(token !== undefined && { token }),
    };
  if (isParticipant) return { by: "participant" };
  return { by: by === "local" ? "machine" : "nobody" };
}

/** What strangers write is not kept: of a refused one the code alone, and no thing but a known one. */
function refused(entry: Entry, error: unknown, known: string | undefined): Entry {
  const outcome = error instanceof TandemError ? "refused" : "failed";
  const code = codeOf(error) ?? "internal";
  if (isNamed(entry)) return { ...entry, outcome, reason: `${code}: ${toldOf(error).message}` };
  const { thing: _, ...rest } = entry;
  return { ...rest, ...(known !== undefined && { thing: known }), outcome, reason: code };
}

const isNamed = ({ by }: Pick<Entry, "by">) =>
  by === "account" || by === "token" || by === "machine";

/** What is counted together with what has it too. */
function keyOf({ by, account, token, action, thing, outcome, reason }: AuditRecord) {
  if (!isNamed({ by })) return JSON.stringify([by, action, thing, outcome, reason]);
  if (outcome === "done") return undefined;
  return JSON.stringify([by, account, token, action, outcome, reason?.split(":")[0]]);
}

const bounded = (entry: Entry): Entry =>
  Object.fromEntries(
    // A refusal may quote a file that no database takes.
    Object.entries(entry).map(([name, value]) => [
      name,
      storableOf(String(value).slice(0, mostText)),
    ]),
  ) as Entry; // all of them are texts

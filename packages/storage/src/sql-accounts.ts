import { TandemError } from "@tandem/core/errors";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { and, asc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Role } from "./accounts-schema";
import * as schema from "./accounts-schema";
import type { Database } from "./sql-experiments";

const { user, session, accountLinks, apiTokens, spendings, budgets } = schema;

export type AccountRecord = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly maySpend: boolean;
  readonly createdAt: Date;
};
export type LinkRecord = typeof accountLinks.$inferSelect;
export type TokenRecord = typeof apiTokens.$inferSelect;

const columns = {
  id: user.id,
  name: user.name,
  email: user.email,
  role: user.role,
  maySpend: user.maySpend,
  createdAt: user.createdAt,
};

/** Accounts, the links that make them, API tokens and what teachers cost, on a migrated PostgreSQL. */
export const accountsOn = (db: Database) => ({
  /** Better-auth's way to its own tables. */
  adapter: drizzleAdapter(db, { provider: "pg", schema, transaction: true }),

  list: (): Promise<readonly AccountRecord[]> =>
    db.select(columns).from(user).orderBy(asc(user.createdAt), asc(user.id)),
  async byEmail(email: string): Promise<AccountRecord | undefined> {
    return (await db.select(columns).from(user).where(eq(user.email, email))).at(0);
  },
  async hasOwner(): Promise<boolean> {
    return (await db.select().from(user).where(eq(user.role, "owner")).limit(1)).length > 0;
  },
  /** Throws `not-found`, and `conflict` where no owner would be left. */
  change(id: string, change: { readonly role?: Role; readonly maySpend?: boolean }): Promise<void> {
    return changed(db, id, change.role !== undefined && change.role !== "owner", async (tx) => {
      await tx
        .update(user)
        .set({ ...change, updatedAt: new Date() })
        .where(eq(user.id, id));
    });
  },
  /** With sessions, passkeys, tokens and links; throws like `change`. */
  remove(id: string): Promise<void> {
    return changed(db, id, true, async (tx) => {
      await tx.delete(user).where(eq(user.id, id));
    });
  },
  endSessions: async (id: string): Promise<void> => {
    await db.delete(session).where(eq(session.userId, id));
  },

  links: {
    add: async (record: LinkRecord): Promise<void> => {
      await db.insert(accountLinks).values(record);
    },
    list: (now: number): Promise<readonly LinkRecord[]> =>
      db.select().from(accountLinks).where(gt(accountLinks.expiresAt, now)),
    async find(id: string, now: number): Promise<LinkRecord | undefined> {
      const isOpen = and(eq(accountLinks.id, id), gt(accountLinks.expiresAt, now));
      return (await db.select().from(accountLinks).where(isOpen)).at(0);
    },
    /** Whether it was there: of two who take it at once, one does. */
    async take(id: string): Promise<boolean> {
      const gone = db.delete(accountLinks).where(eq(accountLinks.id, id));
      return (await gone.returning({ id: accountLinks.id })).length > 0;
    },
    /** Those that have expired, and those for a first owner. */
    async sweep(now: number): Promise<void> {
      const isForFirst = and(isNull(accountLinks.madeBy), isNull(accountLinks.resets));
      await db.delete(accountLinks).where(or(lt(accountLinks.expiresAt, now), isForFirst));
    },
    /** Those that set this account's password. */
    async dropResets(account: string): Promise<void> {
      await db.delete(accountLinks).where(eq(accountLinks.resets, account));
    },
  },

  tokens: {
    add: async (record: TokenRecord): Promise<void> => {
      await db.insert(apiTokens).values(record);
    },
    of: (userId: string): Promise<readonly TokenRecord[]> =>
      db
        .select()
        .from(apiTokens)
        .where(eq(apiTokens.userId, userId))
        .orderBy(asc(apiTokens.createdAt), asc(apiTokens.id)),
    /** Whose it is, and what they call it; notes that it has been used. */
    async use(
      hash: string,
      now: number,
    ): Promise<{ readonly account: AccountRecord; readonly token: string } | undefined> {
      const used = db.update(apiTokens).set({ usedAt: now }).where(eq(apiTokens.hash, hash));
      const [token] = await used.returning({ userId: apiTokens.userId, name: apiTokens.name });
      if (!token) return undefined;
      const [account] = await db.select(columns).from(user).where(eq(user.id, token.userId));
      return account && { account, token: token.name };
    },
    async remove(userId: string, id: string): Promise<boolean> {
      const isOwn = and(eq(apiTokens.userId, userId), eq(apiTokens.id, id));
      const gone = db.delete(apiTokens).where(isOwn).returning({ id: apiTokens.id });
      return (await gone).length > 0;
    },
  },

  spending: {
    async of(day: string): Promise<ReadonlyMap<string, number>> {
      const rows = await db.select().from(spendings).where(eq(spendings.day, day));
      return new Map(rows.map(({ kind, spent }) => [kind, spent]));
    },
    /** Adds to what is spent unless it would be more than `most`; whether it was added. */
    async take(day: string, kind: string, count: number, most: number): Promise<boolean> {
      if (count > most) return false;
      const added = db
        .insert(spendings)
        .values({ day, kind, spent: count })
        .onConflictDoUpdate({
          target: [spendings.day, spendings.kind],
          set: { spent: sql`${spendings.spent} + ${count}` },
          setWhere: sql`${spendings.spent} + ${count} <= ${most}`,
        });
      return (await added.returning({ kind: spendings.kind })).length > 0;
    },
    async limits(): Promise<ReadonlyMap<string, number>> {
      return new Map((await db.select().from(budgets)).map(({ kind, perDay }) => [kind, perDay]));
    },
    async limit(kind: string, perDay: number): Promise<void> {
      const set = { perDay };
      await db.insert(budgets).values({ kind, perDay }).onConflictDoUpdate({
        target: budgets.kind,
        set,
      });
    },
  },
});

export type AccountStore = ReturnType<typeof accountsOn>;

/** In a transaction that has all owners' rows, so that two at once cannot both go. */
function changed(
  db: Database,
  id: string,
  isLoss: boolean,
  change: (tx: Database) => Promise<void>,
): Promise<void> {
  return db.transaction(async (tx) => {
    const owners = await tx.select(columns).from(user).where(eq(user.role, "owner")).for("update");
    const [found] = await tx.select(columns).from(user).where(eq(user.id, id));
    if (!found) throw new TandemError("not-found", `there is no account ${id.slice(0, 64)}`);
    if (isLoss && found.role === "owner" && owners.length < 2)
      throw new TandemError(
        "conflict",
        `${found.name} is the only owner: make someone else an owner first`,
      );
    await change(tx);
  });
}

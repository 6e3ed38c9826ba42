import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TandemError } from "@tandem/core/errors";
import { briefHours, hashOf, newLink } from "@tandem/storage/account-links";
import type { Role } from "@tandem/storage/accounts-schema";
import type { AccountRecord, AccountStore, LinkRecord } from "@tandem/storage/sql-accounts";
import { bearerOf } from "@tandem/transport/http";
import { type AuthOptions, asked, createAuth, headersOf, sessionCookie } from "./auth";

/** Whoever asks. `local`: the machine's own user, while nobody has an account. */
export type Visitor = {
  readonly by: "nobody" | "local" | "session" | "token";
  readonly role?: Role;
  /** May spend what a teacher costs. */
  readonly maySpend: boolean;
  readonly account?: Pick<AccountRecord, "id" | "name" | "email">;
  /** What its owner calls the API token. */
  readonly token?: string;
};
export const nobody: Visitor = { by: "nobody", maySpend: false };
export const local: Visitor = { by: "local", role: "owner", maySpend: true };

/** Open: no account, and only this machine gets in. Unclaimed: no account, and strangers get in. */
export type Mode = "open" | "unclaimed" | "accounts";

export type NewAccount = {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
};

export const tokenPrefix = "tdm_";
const inviteHours = 7 * 24;

/** Who may do what: accounts, their roles, the links that make them, and tokens for programs. */
export async function openAccounts(
  options: AuthOptions & {
    /** Whether others than this machine reach the server. */
    readonly isExposed: boolean;
    readonly now: () => number;
  },
) {
  const { store, isExposed, now } = options;
  const auth = createAuth(options);
  let hasOwner = await store.hasOwner();
  const watchers = new Set<(account: string) => void>();
  const changed = (account: string) => {
    for (const tell of watchers) tell(account);
  };

  async function linkFor(what: { role: Role; maySpend: boolean; madeBy: string | null }) {
    const hours = what.madeBy === null ? briefHours : inviteHours;
    const { token, record } = newLink({ ...what, resets: null }, hours, now());
    await store.links.add(record);
    return { id: record.id, token, expiresAt: record.expiresAt };
  }

  async function lookUp(token: string) {
    const link = await store.links.find(hashOf(token), now());
    // A link for the first owner is worth nothing once there is one.
    if (link && link.resets === null && !(link.madeBy === null && hasOwner)) return link;
    throw new TandemError(
      "not-found",
      "This link has been used, revoked or is too old: ask for another one. The server prints one for the first owner when it starts.",
    );
  }

  /** Whose password the link sets; throws `not-found`. */
  async function holderOf(token: string) {
    const link = await store.links.find(hashOf(token), now());
    const account = (await store.list()).find(({ id }) => id === link?.resets);
    if (link && account) return { link, account };
    throw new TandemError(
      "not-found",
      "This link has been used, revoked or is too old: ask an owner for another one.",
    );
  }

  async function visitorOf(request: IncomingMessage): Promise<Visitor> {
    const bearer = bearerOf(request);
    if (!hasOwner) return isExposed ? nobody : local;
    if (bearer.startsWith(tokenPrefix)) {
      const used = await store.tokens.use(hashOf(bearer), now());
      return used ? { ...visitor("token", used.account), token: used.token } : nobody;
    }
    if (!request.headers.cookie?.includes(sessionCookie)) return nobody;
    const session = await asked(auth.api.getSession({ headers: headersOf(request) }));
    if (!session) return nobody;
    return visitor("session", session.user as unknown as AccountRecord); // our own columns
  }

  return {
    auth,
    store,
    now,
    passkeyHost: options.url.hostname,
    visitorOf,
    mode: (): Mode => (hasOwner ? "accounts" : isExposed ? "unclaimed" : "open"),
    /** Tells of an account whose rights have changed or that is gone; ends when called. */
    onChange(tell: (account: string) => void): () => void {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    /** What makes the first owner, in place of the one before; undefined where there is one. */
    async ownerToken(): Promise<string | undefined> {
      if (hasOwner) return undefined;
      await store.links.sweep(now());
      return (await linkFor({ role: "owner", maySpend: true, madeBy: null })).token;
    },
    link: linkFor,
    lookUp,
    /** Makes the link's account, and resolves with the link, used up. Throws `not-found`, and `conflict` for a known address. */
    async claim({ token, name, email, password }: NewAccount): Promise<LinkRecord> {
      const link = await lookUp(token);
      const { internalAdapter, password: passwords } = await auth.$context;
      if (await internalAdapter.findUserByEmail(email))
        throw new TandemError("conflict", `there is an account for ${email}: sign in with it`);
      const hash = await passwords.hash(password);
      if (!(await store.links.take(link.id))) await lookUp(token);
      const { role, maySpend } = link;
      const data = { name, email, emailVerified: false, role, maySpend };
      const user = await internalAdapter.createUser(data, { method: "email-password" });
      await internalAdapter.linkAccount({
        ...{ userId: user.id, accountId: user.id },
        ...{ providerId: "credential", password: hash },
      });
      hasOwner ||= role === "owner";
      return link;
    },
    /** A link with which this account's holder sets a password, in place of the one before; throws `not-found`. */
    async passwordLink(id: string, madeBy: string) {
      const account = (await store.list()).find((one) => one.id === id);
      if (!account) throw new TandemError("not-found", `there is no account ${id.slice(0, 64)}`);
      const { role, maySpend } = account;
      const { token, record } = newLink({ role, maySpend, madeBy, resets: id }, briefHours, now());
      await store.links.dropResets(id);
      await store.links.add(record);
      return { token, expiresAt: record.expiresAt };
    },
    holderOf,
    /** Uses the link up, ends all sessions of its account, and resolves with that. Throws `not-found`. */
    async setPassword({ token, password }: Pick<NewAccount, "token" | "password">) {
      const { link, account } = await holderOf(token);
      const { internalAdapter, password: passwords } = await auth.$context;
      const hash = await passwords.hash(password);
      if (!(await store.links.take(link.id))) await holderOf(token);
      await internalAdapter.updatePassword(account.id, hash);
      await store.endSessions(account.id);
      changed(account.id);
      return account;
    },
    async change(id: string, change: Parameters<AccountStore["change"]>[1]): Promise<void> {
      await store.change(id, change);
      changed(id);
    },
    async remove(id: string): Promise<void> {
      await store.remove(id);
      changed(id);
    },
    changed,
    /** A new token of the account; it is told this once. */
    async addToken(userId: string, name: string) {
      const token = `${tokenPrefix}${randomBytes(24).toString("base64url")}`;
      const id = randomBytes(8).toString("hex");
      const record = { id, userId, name, createdAt: now(), usedAt: null };
      await store.tokens.add({ ...record, hash: hashOf(token) });
      return { id, name, token };
    },
  };
}

export type Accounts = Awaited<ReturnType<typeof openAccounts>>;

const visitor = (
  by: Visitor["by"],
  { id, name, email, role, maySpend }: AccountRecord,
): Visitor => ({
  by,
  role,
  maySpend: maySpend || role === "owner",
  account: { id, name, email },
});

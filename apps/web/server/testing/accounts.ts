import { lazily } from "@tandem/core/lazily";
import { openTestDatabase } from "@tandem/storage/testing/test-database";
import { type Accounts, openAccounts } from "../accounts/accounts";
import { createSpending } from "../accounts/spending";

/** Accounts on a database, or on one of their own in memory. */
export async function testAccounts(
  isExposed: boolean,
  { now = Date.now, on = openTestDatabase() }: TestOptions = {},
) {
  const { accounts: store, close } = await on;
  const accounts = await openAccounts({
    store,
    secret: "5b1f0c7e9a3d2846".repeat(4),
    url: new URL("http://localhost"),
    isExposed,
    now,
  });
  return { accounts, spending: createSpending(store.spending, now), close };
}

type TestOptions = {
  readonly now?: () => number;
  readonly on?: ReturnType<typeof openTestDatabase>;
};

/** One for all servers of a test file on which nobody has an account. */
const shared = lazily(() => testAccounts(false));

/** What a platform has of accounts where nobody has one. */
export async function withoutAccounts() {
  const { accounts, spending } = await shared.get();
  return { accounts, spending, costs: async () => false };
}

export const password = "correct horse battery";

/** An account of this role, signed in: its cookie. */
export async function signedIn(
  accounts: Accounts,
  url: string,
  role: "viewer" | "researcher" | "owner",
  maySpend = role === "owner",
): Promise<{ readonly cookie: string; readonly email: string }> {
  const madeBy = (await accounts.store.list()).at(0)?.id;
  const token = madeBy
    ? (await accounts.link({ role, maySpend, madeBy })).token
    : await accounts.ownerToken();
  const email = `${role}-${maySpend}@example.org`;
  const response = await fetch(`${url}/api/accounts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: `A ${role}`, email, password }),
  });
  if (!response.ok) throw new Error(await response.text());
  return { cookie: response.headers.getSetCookie().join("; "), email };
}

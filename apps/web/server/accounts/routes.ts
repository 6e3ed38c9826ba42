import { TandemError } from "@tandem/core/errors";
import {
  parseAccountChange,
  parseLink,
  parseNewAccount,
  parseNewLink,
  parseNewPassword,
  parsePasskeyAnswer,
  parsePerDay,
  parseSignIn,
} from "@tandem/protocol/accounts";
import type { AccountLinkView, AccountView, MeView, PasswordLinkView } from "@tandem/protocol/view";
import { json, noContent } from "@tandem/transport/replies";
import { createMinuteLimit } from "../minute-limit";
import { arrivalOf } from "../proxies";
import type { Call, Route } from "../router";
import type { Accounts, Visitor } from "./accounts";
import { headersOf, replyOf } from "./auth";
import { ownRoutes } from "./own-routes";
import { bodyOf, get, missing, post, put, remove, requireRoom } from "./route-parts";
import { isSpendingKind, type Spending } from "./spending";
import { createTurns } from "./turns";

/** Tries a minute of one address, and of one account from wherever. */
export const triesPerMinute = 10;
const waitingSignIns = 32;
const mostLinks = 100;

/** Signing in and out, accounts and the links that make them, tokens, passkeys and budgets. */
export function accountRoutes(options: {
  readonly accounts: Accounts;
  readonly spending: Spending;
}): readonly Route[] {
  const { accounts, spending } = options;
  const { auth, store, now } = accounts;
  const secondsToWait = createMinuteLimit(triesPerMinute, now);
  const limited = (...keys: readonly string[]) => {
    const seconds = Math.max(...keys.map(secondsToWait));
    if (seconds > 0)
      throw new TandemError(
        "too-many",
        `${triesPerMinute} tries a minute: try again in ${seconds} s.`,
      );
  };
  // A check takes a thread, which files are read by too.
  const inTurn = createTurns(waitingSignIns);
  const passwordSignIn = async (
    { request, note }: Pick<Call, "request" | "note">,
    { email, password }: ReturnType<typeof parseSignIn>,
  ) => {
    const account = await store.byEmail(email);
    if (account) note({ thing: account.id });
    const body = { email, password };
    const headers = headersOf(request);
    const reply = await replyOf(
      await inTurn(() => auth.api.signInEmail({ body, headers, asResponse: true })),
      {},
    );
    if (account) note({ by: account });
    return reply;
  };
  return [
    get("/api/me", async ({ visitor }) => json(meOf(accounts, visitor))),
    post("/api/sign-in", async (call) => {
      limited(addressOf(call));
      const body = parseSignIn(await bodyOf(call));
      limited(`account ${body.email}`);
      return passwordSignIn(call, body);
    }),
    post("/api/sign-in/passkey/options", async (call) => {
      limited(`options ${addressOf(call)}`);
      const headers = headersOf(call.request);
      return replyOf(
        await auth.api.generatePasskeyAuthenticationOptions({ headers, asResponse: true }),
      );
    }),
    post("/api/sign-in/passkey", async (call) => {
      limited(addressOf(call));
      const { response } = parsePasskeyAnswer(await bodyOf(call));
      const headers = headersOf(call.request);
      const answer = await auth.api.verifyPasskeyAuthentication({
        body: { response: response as never }, // better-auth checks it
        headers,
        asResponse: true,
      });
      const reply = await replyOf(answer.clone(), {});
      const { session } = (await answer.json()) as {
        readonly session: { readonly userId: string };
      };
      const by = (await store.list()).find(({ id }) => id === session.userId);
      call.note({ detail: "passkey", ...(by && { by, thing: by.id }) });
      return reply;
    }),
    post("/api/sign-out", async ({ request, visitor, note }) => {
      note({ changes: visitor.account !== undefined });
      const reply = await replyOf(
        await auth.api.signOut({ headers: headersOf(request), asResponse: true }),
        {},
      );
      if (visitor.account) accounts.changed(visitor.account.id);
      return reply;
    }),

    post("/api/accounts/link", async (call) => {
      limited(addressOf(call));
      const { role, maySpend, expiresAt } = await accounts.lookUp(
        parseLink(await bodyOf(call)).token,
      );
      return json({ role, maySpend, expiresAt });
    }),
    post("/api/accounts", async (call) => {
      limited(addressOf(call));
      const body = parseNewAccount(await bodyOf(call));
      const { role, madeBy } = await accounts.claim(body);
      call.note({ detail: role, ...(madeBy === null && { action: "owner-link.use" }) });
      return passwordSignIn(call, body);
    }),
    post("/api/accounts/password-link", async (call) => {
      limited(addressOf(call));
      const { link, account } = await accounts.holderOf(parseLink(await bodyOf(call)).token);
      const { name, email } = account;
      return json({ name, email, expiresAt: link.expiresAt } satisfies PasswordLinkView);
    }),
    post("/api/accounts/password", async (call) => {
      limited(addressOf(call));
      const wanted = parseNewPassword(await bodyOf(call));
      const { email } = await accounts.setPassword(wanted);
      return passwordSignIn(call, { email, password: wanted.password });
    }),
    post("/api/accounts/:id/password-link", async ({ visitor, parameters: { id } }) => {
      const madeBy = visitor.account?.id;
      if (madeBy === undefined) throw unclaimed();
      requireRoom("links", (await store.links.list(now())).length, mostLinks);
      return json(await accounts.passwordLink(id, madeBy), 201);
    }),
    get("/api/accounts", async () => json((await store.list()).map(accountView))),
    put("/api/accounts/:id", async (call) => {
      const change = parseAccountChange(await bodyOf(call));
      call.note({ detail: changeText(change) });
      await accounts.change(call.parameters.id, change);
      return noContent;
    }),
    remove("/api/accounts/:id", ({ parameters }) => accounts.remove(parameters.id)),
    get("/api/account-links", async () => {
      const names = new Map((await store.list()).map(({ id, name }) => [id, name]));
      const all = await store.links.list(now());
      return json(
        all.map(({ id, role, maySpend, expiresAt, resets }): AccountLinkView => {
          const holder = resets === null ? undefined : names.get(resets);
          return { ...{ id, role, maySpend, expiresAt }, ...(holder !== undefined && { holder }) };
        }),
      );
    }),
    post("/api/account-links", async (call) => {
      const wanted = parseNewLink(await bodyOf(call));
      const madeBy = call.visitor.account?.id;
      if (madeBy === undefined) throw unclaimed();
      requireRoom("links", (await store.links.list(now())).length, mostLinks);
      const { id, ...made } = await accounts.link({ ...wanted, madeBy });
      call.note({ thing: id, detail: changeText(wanted) });
      return json(made, 201);
    }),
    remove("/api/account-links/:id", async ({ parameters: { id } }) => {
      if (!(await store.links.take(id))) throw missing("link", id);
    }),
    ...ownRoutes(accounts, limited),
    get("/api/spending", async () => json(await spending.view())),
    put("/api/spending/:kind", async (call) => {
      const { kind } = call.parameters;
      if (!isSpendingKind(kind)) throw missing("budget", kind);
      const { perDay } = parsePerDay(await bodyOf(call));
      call.note({ detail: `${perDay} a day` });
      await spending.limit(kind, perDay);
      return noContent;
    }),
  ];
}

/** What a page shows of whoever looks at it. */
export const meOf = (
  { mode, passkeyHost }: Pick<Accounts, "mode" | "passkeyHost">,
  { by, role, maySpend, account }: Visitor,
): MeView => ({
  ...{ mode: mode(), by, maySpend, passkeyHost },
  ...(role && { role }),
  ...(account && { name: account.name, email: account.email }),
});

const unclaimed = () =>
  new TandemError(
    "conflict",
    "Nobody has an account here yet: open the link that the server printed when it started.",
  );

const changeText = ({ role, maySpend }: ReturnType<typeof parseAccountChange>): string =>
  [role, maySpend !== undefined && (maySpend ? "may spend" : "may not spend")]
    .filter(Boolean)
    .join(", ");

const addressOf = ({ request }: Call) => arrivalOf(request).address;

const accountView = ({ id, name, email, role, maySpend }: AccountView): AccountView => ({
  ...{ id, name, email, role, maySpend },
});

import * as accounts from "@tandem/protocol/accounts";
import { auditQuery } from "@tandem/protocol/audit";
import * as z from "zod/mini";
import { type Described, list, media, nothing, one, plain, png } from "./describe";

const ok = plain(z.strictObject({ ok: z.literal(true) }));
/** What a passkey is asked and answers is WebAuthn's. */
const webauthn = plain(z.record(z.string(), z.unknown()));

/** Routes of the server itself: its health, its accounts, what they did, its manual. */
export const serverRoutes = {
  "GET /healthz": { summary: "Say that the process is alive", answer: ok },
  "GET /readyz": {
    summary: "Say that the server may be sent traffic: its database answers and it is not closing",
    answer: ok,
    errors: ["unavailable"],
  },
  "GET /metrics": {
    summary: "Give Prometheus its metrics",
    about: "From this machine, or with `TANDEM_METRICS_TOKEN` as the token.",
    answer: media("text/plain"),
    errors: ["forbidden"],
  },
  "GET /api/openapi.json": {
    summary: "Give this reference as OpenAPI 3.1",
    answer: plain(z.record(z.string(), z.unknown())),
  },
  "GET /api/docs/search": {
    summary: "Search the manual",
    query: z.strictObject({ q: z.string() }),
    answer: plain(
      z.array(
        z.strictObject({
          ...{ path: z.string(), page: z.string(), heading: z.exactOptional(z.string()) },
          excerpt: z.array(z.strictObject({ text: z.string(), isHit: z.boolean() })),
        }),
      ),
    ),
  },
  "GET /api/docs/images/:name": {
    summary: "Give a picture of the manual",
    answer: media("image/*"),
  },
  "GET /api/docs/results/images/:name": {
    summary: "Give a plot of the manual's results",
    answer: media("image/*"),
  },

  "GET /api/me": {
    summary: "Say who asks, and whether this server has accounts",
    answer: one("Me"),
  },
  "POST /api/sign-in": {
    summary: "Sign in with a password",
    about: "The session is a cookie. Programs send a token instead.",
    body: accounts.signIn,
    answer: plain(z.unknown()),
    errors: ["unauthorised", "too-many"],
  },
  "POST /api/sign-out": { summary: "End the session", answer: plain(z.unknown()) },
  "POST /api/sign-in/passkey/options": {
    summary: "Ask what a passkey is to sign",
    answer: webauthn,
    errors: ["too-many"],
  },
  "POST /api/sign-in/passkey": {
    summary: "Sign in with a passkey",
    body: accounts.passkeyAnswer,
    answer: plain(z.unknown()),
    errors: ["unauthorised", "too-many"],
  },
  "POST /api/accounts/link": {
    summary: "Say which account a link makes",
    body: accounts.link,
    answer: one("OfferedAccount"),
    errors: ["not-found", "too-many"],
  },
  "POST /api/accounts": {
    summary: "Make the account of a link, and sign in with it",
    body: accounts.newAccount,
    answer: plain(z.unknown()),
    errors: ["not-found", "conflict", "too-many"],
  },
  "POST /api/accounts/password-link": {
    summary: "Say whose password a link sets",
    body: accounts.link,
    answer: one("PasswordLink"),
    errors: ["not-found", "too-many"],
  },
  "POST /api/accounts/password": {
    summary: "Set the password of a link's account, and sign in with it",
    body: accounts.passwordOfLink,
    answer: plain(z.unknown()),
    errors: ["not-found", "too-many"],
  },
  "POST /api/accounts/:id/password-link": {
    summary: "Make a link that sets somebody's password",
    answer: one("NewAccountLink", 201),
    errors: ["full"],
  },
  "GET /api/accounts": { summary: "List the accounts", answer: list("Account") },
  "PUT /api/accounts/:id": {
    summary: "Change what an account may do",
    body: accounts.accountChange,
    answer: nothing,
    errors: ["conflict"],
  },
  "DELETE /api/accounts/:id": {
    summary: "Remove an account",
    answer: nothing,
    errors: ["conflict"],
  },
  "GET /api/account-links": {
    summary: "List the links that make accounts or set passwords",
    answer: list("AccountLink"),
  },
  "POST /api/account-links": {
    summary: "Make a link that makes one account",
    body: accounts.newLink,
    answer: one("NewAccountLink", 201),
    errors: ["full"],
  },
  "DELETE /api/account-links/:id": { summary: "Revoke such a link", answer: nothing },
  "PUT /api/me/password": {
    summary: "Change one's own password",
    about: "Other sessions of the account end.",
    body: accounts.passwordChange,
    answer: plain(z.unknown()),
    errors: ["too-many"],
  },
  "GET /api/me/tokens": { summary: "List one's own API tokens", answer: list("ApiToken") },
  "POST /api/me/tokens": {
    summary: "Make an API token, which is shown this once",
    body: accounts.named,
    answer: one("NewApiToken", 201),
    errors: ["full"],
  },
  "DELETE /api/me/tokens/:id": { summary: "Revoke an API token", answer: nothing },
  "GET /api/me/passkeys": { summary: "List one's own passkeys", answer: list("Passkey") },
  "POST /api/me/passkeys/options": {
    summary: "Ask what a new passkey is to sign",
    answer: webauthn,
    errors: ["full"],
  },
  "POST /api/me/passkeys": {
    summary: "Add a passkey",
    body: accounts.passkeyAnswer,
    answer: plain(z.unknown()),
  },
  "DELETE /api/me/passkeys/:id": { summary: "Remove a passkey", answer: nothing },

  "GET /api/backups": {
    summary: "List the backups that the server has made",
    answer: one("Backups"),
  },
  "POST /api/backups": {
    summary: "Have a backup made now",
    about: "It is made after the answer; the list says how far it is.",
    answer: one("Backups", 202),
    errors: ["conflict"],
  },
  "GET /api/spending": {
    summary: "Say what teachers have cost today, of what they may",
    answer: list("Spending"),
  },
  "PUT /api/spending/:kind": {
    summary: "Change what teachers may cost a day",
    body: accounts.perDay,
    answer: nothing,
  },

  "GET /api/audit": {
    summary: "Give a page of the audit log, the latest first",
    about: "`before` of the answer is where the next page begins.",
    query: auditQuery,
    answer: one("Audit"),
  },
  "GET /api/audit.jsonl": {
    summary: "Give the audit log as an object a line",
    query: auditQuery,
    answer: media("application/x-ndjson"),
  },
  "GET /api/audit.csv": {
    summary: "Give the audit log as a table",
    query: auditQuery,
    answer: media("text/csv"),
  },

  "GET /api/strategies": {
    summary: "List the strategies, each with the schema of its settings",
    answer: list("Strategy"),
  },
  "GET /api/experiment-schema": {
    summary: "Give the JSON Schema of an experiment's settings, with this server's data sets",
    answer: plain(z.record(z.string(), z.unknown())),
  },
  "GET /api/backbones": { summary: "List the server's own backbones", answer: list("Backbone") },
  "GET /api/teachers": { summary: "Say who can paint for a task", answer: one("Teachers") },
  "GET /api/teachers/:name/samples.png": { summary: "Show what a base paints", answer: png },
} as const satisfies Readonly<Record<string, Described>>;

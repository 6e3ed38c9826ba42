import { TandemError } from "@tandem/core/errors";
import { may, type Who } from "../lib/may";
import type { Visitor } from "./accounts/accounts";

/** Every route of the REST interface, every page and every event of a socket, and what serves files beside them. */
export const access = {
  /** By their names in `serve.ts`. Blobs ask for a place's token themselves. */
  handlers: { blob: "anyone", wasm: "anyone", backbone: "anyone" },
  routes: {
    "GET /healthz": "anyone",
    "GET /readyz": "anyone",
    "GET /metrics": "operator",

    "GET /api/me": "anyone",
    "POST /api/sign-in": "anyone",
    "POST /api/sign-out": "anyone",
    "POST /api/sign-in/passkey/options": "anyone",
    "POST /api/sign-in/passkey": "anyone",
    "POST /api/accounts/link": "anyone",
    "POST /api/accounts": "anyone",
    "GET /api/accounts": "owner",
    "PUT /api/accounts/:id": "owner",
    "DELETE /api/accounts/:id": "owner",
    "GET /api/account-links": "owner",
    "POST /api/account-links": "owner",
    "DELETE /api/account-links/:id": "owner",
    "PUT /api/me/password": "account",
    "GET /api/me/tokens": "account",
    "POST /api/me/tokens": "account",
    "DELETE /api/me/tokens/:id": "account",
    "GET /api/me/passkeys": "account",
    "POST /api/me/passkeys/options": "account",
    "POST /api/me/passkeys": "account",
    "DELETE /api/me/passkeys/:id": "account",
    "GET /api/spending": "viewer",
    "PUT /api/spending/:kind": "owner",

    "GET /api/strategies": "viewer",
    "GET /api/experiment-schema": "viewer",
    "GET /api/backbones": "viewer",
    "GET /api/teachers": "viewer",
    "GET /api/teachers/:name/samples.png": "viewer",

    "GET /api/experiments": "viewer",
    "POST /api/experiments": "researcher",
    "GET /api/experiments/:id": "viewer",
    "DELETE /api/experiments/:id": "researcher",
    "POST /api/experiments/:id/clients/:client/remove": "researcher",
    "DELETE /api/experiments/:id/kept-out/:keptOut": "researcher",
    // Whoever may let people in may see by which links.
    "GET /api/experiments/:id/invitations": "researcher",
    "POST /api/experiments/:id/invitations": "researcher",
    "DELETE /api/experiments/:id/invitations/:invitation": "researcher",
    "GET /api/experiments/:id/applicants": "researcher",
    "POST /api/experiments/:id/applicants/:applicant": "researcher",
    "POST /api/experiments/:id/start": "researcher",
    "POST /api/experiments/:id/pause": "researcher",
    "POST /api/experiments/:id/resume": "researcher",
    "GET /api/experiments/:id/joining": "anyone",
    "GET /api/experiments/:id/rounds/:round/gallery": "viewer",
    "GET /api/experiments/:id/rounds/:round/sheet.png": "viewer",
    "GET /api/experiments/:id/rounds/:round/lessons.png": "viewer",
    "GET /api/experiments/:id/metrics.jsonl": "viewer",
    // Participants take along what they have taught: a link of their page, which bears no token.
    "GET /api/experiments/:id/adapters": "anyone",
    "GET /api/experiments/:id/adapter.zip": "anyone",
    "GET /api/experiments/:id/painting": "anyone",
    "POST /api/experiments/:id/paintings": "participant",
    // By a name that nobody guesses.
    "GET /api/experiments/:id/paintings/:painting": "anyone",
    "GET /api/experiments/:id/paintings/:painting/sheet.png": "anyone",
    "DELETE /api/experiments/:id/paintings/:painting": "anyone",

    "GET /api/tasks": "viewer",
    "POST /api/tasks": "researcher",
    "POST /api/tasks/import": "researcher",
    "POST /api/tasks/:id/import": "researcher",
    // The join page says what a study is about; strangers are not told which experiments are on it.
    "GET /api/tasks/:id": "anyone",
    "PUT /api/tasks/:id": "researcher",
    "DELETE /api/tasks/:id": "researcher",
    "POST /api/tasks/:id/public": "researcher",
    "DELETE /api/tasks/:id/public": "researcher",
    "POST /api/tasks/:id/test": "researcher",
    "DELETE /api/tasks/:id/test": "researcher",
    "GET /api/tasks/:id/export.zip": "viewer",
    "GET /api/tasks/:id/sheet.png": "viewer",
    "GET /api/tasks/:id/prepare": "viewer",
    "POST /api/tasks/:id/prepare": "spender",
    "DELETE /api/tasks/:id/prepare": "spender",
    "GET /api/tasks/:id/prepare/sheet.png": "viewer",

    // To paint, not to look for what has been painted, the handler wants a spender.
    "POST /api/previews": "viewer",
    "GET /api/previews/:id": "viewer",
    "DELETE /api/previews/:id": "spender",
    "GET /api/previews/:id/sheet.png": "viewer",
  },
  pages: {
    "/": "viewer",
    "/account": "account",
    "/accounts": "owner",
    "/accounts/new": "anyone",
    "/experiments/:id": "viewer",
    "/experiments/new": "researcher",
    "/join/:id": "anyone",
    "/sign-in": "anyone",
    "/tasks": "viewer",
    "/tasks/:id": "viewer",
    "/tasks/:id/edit": "researcher",
    "/tasks/new": "researcher",
  },
  events: {
    challenge: "anyone",
    join: "anyone",
    ready: "anyone",
    progress: "anyone",
    upload: "anyone",
    fail: "anyone",
    leave: "anyone",
    erase: "anyone",
    watch: "viewer",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Who>>>>;

/** Of a route, a page or an event; throws for one that is not listed. */
export function whoMay(kind: keyof typeof access, name: string): Who {
  const listed: Readonly<Record<string, Who>> = access[kind];
  if (Object.hasOwn(listed, name)) return listed[name];
  throw new Error(`access.ts does not say who may use ${name}`);
}

/** Throws `unauthorised` where signing in would help, and `forbidden` where it would not. */
export function requireAccess(visitor: Visitor, who: Who): void {
  if (may(visitor, who)) return;
  if (visitor.by === "nobody")
    throw new TandemError(
      "unauthorised",
      who === "participant"
        ? "Take part first, or sign in: this teacher paints for participants."
        : "Sign in first, or send an API token: Authorization: Bearer tdm_…",
    );
  throw new TandemError("forbidden", reasonOf(visitor, who));
}

function reasonOf({ by, role, maySpend }: Visitor, who: Who): string {
  if (who === "account" || (by === "token" && who === "owner"))
    return by === "local"
      ? "Nobody has an account here yet: open the link that the server printed when it started."
      : "This needs a person who has signed in: no API token may do it.";
  if ((who === "spender" || who === "participant") && role !== "viewer" && !maySpend)
    return "Your account may not spend what a teacher costs: ask an owner.";
  return `You are a ${role} here: this needs ${who === "owner" ? "an owner" : "a researcher"}. Ask an owner.`;
}

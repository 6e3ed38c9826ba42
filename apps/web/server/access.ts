import { TandemError } from "@tandem/core/errors";
import type { AuditAction } from "@tandem/protocol/audit-actions";
import { may, type Who } from "../lib/may";
import type { Visitor } from "./accounts/accounts";

/** Who may use it and, of what changes something, what the audit log calls it; null: nothing is kept of it. */
type Listed = Who | readonly [who: Who, action: AuditAction | null];
type Changing = `${"POST" | "PUT" | "PATCH" | "DELETE"} ${string}`;
type Routes = Readonly<Record<`GET ${string}`, Listed> & Record<Changing, Exclude<Listed, Who>>>;
type Table = {
  readonly handlers: Readonly<Record<string, Who>>;
  readonly routes: Routes;
  readonly pages: Readonly<Record<string, Who>>;
  readonly events: Readonly<Record<string, Who>>;
};
export type Rule = { readonly who: Who; readonly action?: AuditAction };

/** Every route of the REST interface, every page and every event of a socket, and what serves files beside them. */
export const access = {
  /** By their names in `serve.ts`. Blobs ask for a place's token themselves. */
  handlers: { blob: "anyone", wasm: "anyone", backbone: "anyone" },
  routes: {
    "GET /healthz": "anyone",
    "GET /readyz": "anyone",
    "GET /metrics": "operator",

    "GET /api/me": "anyone",
    "POST /api/sign-in": ["anyone", "sign-in"],
    "POST /api/sign-out": ["anyone", "sign-out"],
    "POST /api/sign-in/passkey/options": ["anyone", null],
    "POST /api/sign-in/passkey": ["anyone", "sign-in"],
    "POST /api/accounts/link": ["anyone", null],
    "POST /api/accounts": ["anyone", "account.create"],
    "POST /api/accounts/password-link": ["anyone", null],
    "POST /api/accounts/password": ["anyone", "password.reset"],
    "POST /api/accounts/:id/password-link": ["owner", "password.link"],
    "GET /api/accounts": "owner",
    "PUT /api/accounts/:id": ["owner", "account.role"],
    "DELETE /api/accounts/:id": ["owner", "account.remove"],
    "GET /api/account-links": "owner",
    "POST /api/account-links": ["owner", "account.invite"],
    "DELETE /api/account-links/:id": ["owner", "account.invite.revoke"],
    "PUT /api/me/password": ["account", "password.change"],
    "GET /api/me/tokens": "account",
    "POST /api/me/tokens": ["account", "token.make"],
    "DELETE /api/me/tokens/:id": ["account", "token.revoke"],
    "GET /api/me/passkeys": "account",
    "POST /api/me/passkeys/options": ["account", null],
    "POST /api/me/passkeys": ["account", "passkey.add"],
    "DELETE /api/me/passkeys/:id": ["account", "passkey.remove"],
    "GET /api/backups": "owner",
    "POST /api/backups": ["owner", "backup.make"],
    "GET /api/spending": "viewer",
    "PUT /api/spending/:kind": ["owner", "budget.change"],

    "GET /api/audit": "owner",
    "GET /api/audit.jsonl": ["owner", "audit.export"],
    "GET /api/audit.csv": ["owner", "audit.export"],

    // The manual, alike on every server.
    "GET /api/openapi.json": "anyone",
    "GET /api/docs/search": "anyone",
    "GET /api/docs/images/:name": "anyone",
    "GET /api/docs/results/images/:name": "anyone",

    "GET /api/strategies": "viewer",
    "GET /api/experiment-schema": "viewer",
    "GET /api/backbones": "viewer",
    "GET /api/teachers": "viewer",
    "GET /api/teachers/:name/samples.png": "viewer",

    "GET /api/experiment-list": "viewer",
    "GET /api/experiments": "viewer",
    "POST /api/experiments": ["researcher", "experiment.create"],
    "GET /api/experiments/:id": "viewer",
    "DELETE /api/experiments/:id": ["researcher", "experiment.delete"],
    // Where its rounds spend what a teacher costs the handler wants a spender, as of those that start it.
    "POST /api/experiments/:id/rounds": ["researcher", "experiment.extend"],
    "POST /api/experiments/:id/clone": ["researcher", "experiment.clone"],
    "POST /api/sweeps": ["researcher", "experiment.sweep"],
    "PATCH /api/experiments/:id/labels": ["researcher", "experiment.label"],
    "POST /api/experiments/:id/clients/:client/remove": ["researcher", "client.remove"],
    "POST /api/experiments/:id/clients/:client/erase": ["researcher", "client.erase"],
    "DELETE /api/experiments/:id/kept-out/:keptOut": ["researcher", "address.readmit"],
    // Whoever may let people in may see by which links.
    "GET /api/experiments/:id/invitations": "researcher",
    "POST /api/experiments/:id/invitations": ["researcher", "invitation.make"],
    "DELETE /api/experiments/:id/invitations/:invitation": ["researcher", "invitation.revoke"],
    "GET /api/experiments/:id/applicants": "researcher",
    "POST /api/experiments/:id/applicants/:applicant": ["researcher", "applicant.decide"],
    "POST /api/experiments/:id/start": ["researcher", "experiment.start"],
    "POST /api/experiments/:id/pause": ["researcher", "experiment.pause"],
    "POST /api/experiments/:id/resume": ["researcher", "experiment.resume"],
    "GET /api/experiments/:id/joining": "anyone",
    "GET /api/experiments/:id/rounds/:round/gallery": "viewer",
    "GET /api/experiments/:id/rounds/:round/sheet.png": "viewer",
    "GET /api/experiments/:id/rounds/:round/lessons.png": "viewer",
    "GET /api/experiments/:id/curves": "viewer",
    "GET /api/experiments/:id/events": "viewer",
    "GET /api/experiments/:id/local-only": "viewer",
    "GET /api/experiments/:id/metrics.jsonl": ["viewer", "experiment.export"],
    "GET /api/experiments/:id/export": ["viewer", "experiment.export"],
    "POST /api/experiments/import": ["researcher", "experiment.import"],
    // Participants take along what they have taught: a link of their page, which bears no token.
    "GET /api/experiments/:id/adapters": "anyone",
    "GET /api/experiments/:id/adapter.zip": "anyone",
    "GET /api/experiments/:id/painting": "anyone",
    "POST /api/experiments/:id/paintings": ["participant", "painting.ask"],
    // By a name that nobody guesses.
    "GET /api/experiments/:id/paintings/:painting": "anyone",
    "GET /api/experiments/:id/paintings/:painting/sheet.png": "anyone",
    "DELETE /api/experiments/:id/paintings/:painting": ["anyone", "painting.cancel"],

    "GET /api/tasks": "viewer",
    "POST /api/tasks": ["researcher", "task.create"],
    "POST /api/tasks/import": ["researcher", "task.import"],
    "POST /api/tasks/:id/import": ["researcher", "task.import"],
    // The join page says what a study is about; strangers are not told which experiments are on it.
    "GET /api/tasks/:id": "anyone",
    "PUT /api/tasks/:id": ["researcher", "task.edit"],
    "DELETE /api/tasks/:id": ["researcher", "task.delete"],
    "POST /api/tasks/:id/public": ["researcher", "task.edit"],
    "DELETE /api/tasks/:id/public": ["researcher", "task.edit"],
    "POST /api/tasks/:id/test": ["researcher", "task.edit"],
    "DELETE /api/tasks/:id/test": ["researcher", "task.edit"],
    "GET /api/tasks/:id/export.zip": ["viewer", "task.export"],
    "GET /api/tasks/:id/sheet.png": "viewer",
    "GET /api/tasks/:id/prepare": "viewer",
    "POST /api/tasks/:id/prepare": ["spender", "base.train"],
    "DELETE /api/tasks/:id/prepare": ["spender", "base.stop"],
    "GET /api/tasks/:id/prepare/sheet.png": "viewer",

    // To paint, not to look for what has been painted, the handler wants a spender.
    "POST /api/previews": ["viewer", "preview.paint"],
    "GET /api/previews/:id": "viewer",
    "DELETE /api/previews/:id": ["spender", "preview.stop"],
    "GET /api/previews/:id/sheet.png": "viewer",
  },
  pages: {
    "/": "viewer",
    "/account": "account",
    "/accounts": "owner",
    "/accounts/new": "anyone",
    "/accounts/password": "anyone",
    "/audit": "owner",
    "/docs": "anyone",
    "/docs/:page": "anyone",
    "/docs/results": "anyone",
    "/docs/results/:page": "anyone",
    "/docs/search": "anyone",
    "/compare": "viewer",
    "/experiments/:id": "viewer",
    "/experiments/new": "researcher",
    "/join/:id": "anyone",
    "/sign-in": "anyone",
    "/tasks": "viewer",
    "/tasks/:id": "viewer",
    "/tasks/:id/edit": "researcher",
    "/tasks/new": "researcher",
  },
  // What participants do is in their experiment's own records, and not in the audit log.
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
} as const satisfies Table;

/** Of a route, a page or an event; throws for one that is not listed. */
export function ruleOf(kind: keyof typeof access, name: string): Rule {
  const table: Readonly<Record<string, Listed>> = access[kind];
  if (!Object.hasOwn(table, name)) throw new Error(`access.ts does not say who may use ${name}`);
  const listed = table[name];
  if (typeof listed === "string") return { who: listed };
  const [who, action] = listed;
  return { who, ...(action && { action }) };
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

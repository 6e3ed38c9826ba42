import type { IncomingMessage } from "node:http";
import { parseNamed, parsePasskeyAnswer, parsePasswordChange } from "@tandem/protocol/accounts";
import type { ApiTokenView, PasskeyView } from "@tandem/protocol/view";
import { json } from "@tandem/transport/replies";
import type { Route } from "../router";
import type { Accounts, Visitor } from "./accounts";
import { asked, headersOf, replyOf } from "./auth";
import { bodyOf, get, missing, post, put, remove, requireRoom } from "./route-parts";

const [mostTokens, mostPasskeys] = [20, 20] as const;

/** What an account does with its own: password, tokens for programs, passkeys. */
export function ownRoutes(
  accounts: Accounts,
  limited: (...keys: readonly string[]) => void,
): readonly Route[] {
  const { auth, store } = accounts;
  const passkeysOf = (request: IncomingMessage) =>
    asked(auth.api.listPasskeys({ headers: headersOf(request) }));
  return [
    put("/api/me/password", async (call) => {
      const { id } = accountOf(call.visitor);
      limited(`account ${accountOf(call.visitor).email}`);
      const { current, next } = parsePasswordChange(await bodyOf(call));
      const body = { currentPassword: current, newPassword: next, revokeOtherSessions: true };
      const headers = headersOf(call.request);
      const reply = await replyOf(
        await auth.api.changePassword({ body, headers, asResponse: true }),
        {},
      );
      accounts.changed(id);
      return reply;
    }),
    get("/api/me/tokens", async ({ visitor }) =>
      json(
        (await store.tokens.of(accountOf(visitor).id)).map(
          ({ id, name, createdAt, usedAt }): ApiTokenView => ({
            ...{ id, name, createdAt },
            ...(usedAt !== null && { usedAt }),
          }),
        ),
      ),
    ),
    post("/api/me/tokens", async (call) => {
      const { id } = accountOf(call.visitor);
      const { name } = parseNamed(await bodyOf(call));
      requireRoom("tokens", (await store.tokens.of(id)).length, mostTokens);
      const made = await accounts.addToken(id, name);
      call.note({ thing: made.id, detail: name });
      return json(made, 201);
    }),
    remove("/api/me/tokens/:id", async ({ visitor, parameters: { id } }) => {
      const account = accountOf(visitor).id;
      if (!(await store.tokens.remove(account, id))) throw missing("token", id);
      accounts.changed(account); // a program may be looking on with it
    }),
    get("/api/me/passkeys", async ({ request }) =>
      json((await passkeysOf(request)).map(({ id, name = "" }): PasskeyView => ({ id, name }))),
    ),
    post("/api/me/passkeys/options", async ({ request }) => {
      requireRoom("passkeys", (await passkeysOf(request)).length, mostPasskeys);
      const headers = headersOf(request);
      return replyOf(
        await auth.api.generatePasskeyRegistrationOptions({ headers, asResponse: true }),
      );
    }),
    post("/api/me/passkeys", async (call) => {
      const { response, name = "Passkey" } = parsePasskeyAnswer(await bodyOf(call));
      const headers = headersOf(call.request);
      const body = { response, name };
      return replyOf(
        await auth.api.verifyPasskeyRegistration({ body, headers, asResponse: true }),
        {},
      );
    }),
    remove("/api/me/passkeys/:id", ({ request, parameters: { id } }) =>
      asked(auth.api.deletePasskey({ body: { id }, headers: headersOf(request) })),
    ),
  ];
}

function accountOf({ account }: Visitor) {
  if (account) return account;
  throw new Error("access.ts lets in who has no account");
}

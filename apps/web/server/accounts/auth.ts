import type { IncomingMessage } from "node:http";
import { passkey } from "@better-auth/passkey";
import { TandemError } from "@tandem/core/errors";
import { leastPassword, mostPassword } from "@tandem/protocol/accounts";
import type { AccountStore } from "@tandem/storage/sql-accounts";
import type { Reply } from "@tandem/transport/http";
import { json } from "@tandem/transport/replies";
import { APIError } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { basePathOf } from "../base-path";

export const sessionCookie = "tandem.session_token";

export type AuthOptions = {
  readonly store: AccountStore;
  /** Signs cookies; of 32 characters or more. */
  readonly secret: string;
  /** Where browsers reach the server. Passkeys are bound to its host. */
  readonly url: URL;
};

/** Passwords, passkeys and sessions. Its own routes are not served: ours call what they need of it. */
export function createAuth({ store, secret, url }: AuthOptions) {
  const { protocol, hostname, origin } = url;
  return betterAuth({
    secret,
    baseURL: origin,
    database: store.adapter,
    telemetry: { enabled: false },
    rateLimit: { enabled: false }, // by the routes, which know the address
    logger: { level: "error" },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true, // by a link alone
      minPasswordLength: leastPassword,
      maxPasswordLength: mostPassword,
    },
    user: {
      additionalFields: {
        role: { type: "string", input: false },
        maySpend: { type: "boolean", input: false },
      },
    },
    session: { expiresIn: 14 * 86_400, updateAge: 86_400, freshAge: 0 },
    advanced: {
      cookiePrefix: "tandem",
      useSecureCookies: protocol === "https:",
      // Not sent to what else the site has beside this path.
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: basePathOf(url) || "/" },
    },
    plugins: [
      passkey({
        rpID: hostname,
        rpName: "Tandem",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        authentication: {
          afterVerification({ verification }) {
            if (!verification.authenticationInfo.userVerified)
              throw new APIError("UNAUTHORIZED", { message: "Unlock the passkey." });
          },
        },
      }),
    ],
  });
}

/** As better-auth reads it. */
export function headersOf({ headers: { cookie, origin } }: IncomingMessage): Headers {
  const headers = new Headers();
  if (cookie !== undefined) headers.set("cookie", cookie);
  if (origin !== undefined) headers.set("origin", origin);
  return headers;
}

/** What better-auth answered, with its cookies; `body` in place of its own. Throws what it refused. */
export async function replyOf(response: Response, body?: unknown): Promise<Reply> {
  const answer = (await response.json()) as { readonly message?: string };
  if (!response.ok) throw refusalOf(response.status, answer.message);
  const reply = json(body ?? answer);
  return { ...reply, headers: { ...reply.headers, "set-cookie": response.headers.getSetCookie() } };
}

/** Throws what better-auth refused as we say it. */
export async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof APIError) throw refusalOf(error.statusCode, error.body?.message);
    throw error;
  }
}

function refusalOf(status: number, message = "It was refused.") {
  if (status >= 500) return new Error(message);
  return new TandemError(status === 401 ? "unauthorised" : "bad-config", message);
}

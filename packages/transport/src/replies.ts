import { type ErrorCode, TandemError } from "@tandem/core/errors";
import { toldOf } from "@tandem/core/told-error";
import type { Body, Reply } from "./http";

/** Of failed requests. 401: a token would help; 403: nothing does. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  "bad-config": 400,
  "bad-data": 400,
  "bad-message": 400,
  "bad-upload": 422,
  cancelled: 409,
  conflict: 409,
  corrupt: 500,
  forbidden: 403,
  full: 409,
  "not-found": 404,
  "not-supported": 400,
  stale: 409,
  timeout: 504,
  "too-large": 413,
  "too-many": 429,
  unauthorised: 401,
  unavailable: 503,
  "wrong-backend": 503,
};

export const json = (value: unknown, status = 200): Reply => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(value),
});

export const noContent: Reply = { status: 204, headers: {}, body: "" };

export const file = (body: Body, type: string, headers = {}): Reply => ({
  status: 200,
  headers: { "content-type": type, ...headers },
  body,
});

/** A header that saves the reply under this name, in whatever script (RFC 6266). */
export const attachment = (name: string) => ({
  "content-disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(name)}`,
});

/** Expected failures say what they are; of others, which are 500, only the log learns more, under `id`. */
export function failed(error: unknown, id?: string): Reply {
  const told = toldOf(error);
  const rest = `The server's log has the rest${id === undefined ? "" : ` under ${id}`}.`;
  const message = told.isWhole ? told.message : `${told.message} ${rest}`;
  if (!(error instanceof TandemError)) return json({ error: { code: "internal", message } }, 500);
  const { code } = error;
  const reply = json({ error: { code, message } }, statusOf[code]);
  if (reply.status !== 401) return reply;
  return { ...reply, headers: { ...reply.headers, "www-authenticate": "Bearer" } }; // RFC 9110, 15.5.2
}

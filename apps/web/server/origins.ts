import type { IncomingMessage, ServerResponse } from "node:http";
import { TandemError } from "@tandem/core/errors";

/** What a participant's page asks for; everything else is the admin's. */
const opened =
  /^\/(api\/blobs\/[^/?]*|api\/experiments\/[\w-]+\/joining|tfjs\/[^/?]*|backbones\/[^?]*)(\?|$)/;

/** Which pages may drive the server through a visitor's browser: its own, and those of these origins. */
export function createOrigins(allowed: readonly string[]) {
  return {
    /** Why a page may not take part, if so. */
    faultOf(request: IncomingMessage): TandemError | undefined {
      const { origin } = request.headers;
      if (isOwn(request) || allowed.includes(origin ?? "")) return undefined;
      return new TandemError(
        "forbidden",
        `Pages of ${origin?.slice(0, 200)} may not take part here: start the server with --allow-origin ${origin?.slice(0, 200)}`,
      );
    },
    /** Lets pages of other origins read what they need (CORS); answers whether that was all. */
    admit(request: IncomingMessage, response: ServerResponse): boolean {
      const { method, url = "/", headers } = request;
      const { origin = "" } = headers;
      if (!allowed.includes(origin) || !opened.test(url)) return false;
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "origin");
      if (method !== "OPTIONS") return false;
      const isBlob = url.startsWith("/api/blobs/");
      response.writeHead(204, {
        "access-control-allow-methods": isBlob ? "GET, PUT" : "GET",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
      });
      response.end();
      return true;
    },
  };
}

/** Keeps other sites from driving the server through a visitor's browser; throws `forbidden`. */
export function requireSameOrigin(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  if (!isOwn(request))
    throw new TandemError("forbidden", `requests from ${origin} are refused; use ${host}`);
}

/** Whatever is no browser says none. */
function isOwn({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

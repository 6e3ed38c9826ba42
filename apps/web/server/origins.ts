import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { TandemError } from "@tandem/core/errors";
import { arrivalOf } from "./proxies";

/** What a participant's page asks for; everything else is the admin's. */
const opened =
  /^\/(api\/blobs\/[^/?]*|api\/experiments\/[\w-]+\/joining|tfjs\/[^/?]*|backbones\/[^?]*)(\?|$)/;

/** Under which names the server answers, and which pages may drive it through a visitor's browser. */
export function createOrigins(options: {
  /** Where others find the server; its pages have this origin. */
  readonly publicUrl?: URL | undefined;
  /** Of pages of other sites that may take part. */
  readonly allowed?: readonly string[] | undefined;
  /** Names beside the public one and this machine's. */
  readonly hosts?: readonly string[] | undefined;
}) {
  const { publicUrl, allowed = [], hosts = [] } = options;
  const named = new Set([...hosts, ...(publicUrl ? [publicUrl.hostname] : [])].map(lower));

  /** Its own pages, and whatever is no browser and names no origin. */
  function isOwn(request: IncomingMessage, origin = request.headers.origin): boolean {
    if (origin === undefined || origin === publicUrl?.origin) return true;
    if (!URL.canParse(origin)) return false;
    const { host, isSecure } = arrivalOf(request);
    const { protocol, host: from } = new URL(origin);
    const here = urlOf(host, protocol);
    const isPublic = here !== undefined && here.hostname === publicUrl?.hostname;
    const wanted = isPublic ? publicUrl.protocol : isSecure ? "https:" : protocol;
    return here?.host === from && protocol === wanted;
  }

  return {
    /**
     * Why the request is not answered at all, if so. A page whose name was made to point to this
     * machine still names its own host (DNS rebinding); addresses cannot be made to point anywhere.
     */
    faultOfHost(request: IncomingMessage): TandemError | undefined {
      const { host } = arrivalOf(request);
      if (host === undefined) return undefined; // HTTP/1.0, which no browser speaks
      const name = lower(urlOf(host, "http:")?.hostname ?? "");
      if (named.has(name) || isOfMachine(name)) return undefined;
      return forbidden(
        `This server does not answer to ${host.slice(0, 200)}: start it with --public-url or --allow-host`,
      );
    },
    /** Why a page may not take part over a socket, if so. */
    faultOf(request: IncomingMessage): TandemError | undefined {
      const { origin } = request.headers;
      if (isOwn(request) || allowed.includes(origin ?? "")) return undefined;
      return forbidden(
        `Pages of ${origin?.slice(0, 200)} may not take part here: start the server with --allow-origin ${origin?.slice(0, 200)}`,
      );
    },
    /** Why a request that changes something is refused, if so: another site sent it through a visitor's browser. */
    faultOfChange(request: IncomingMessage): TandemError | undefined {
      const { method = "", url = "/", headers } = request;
      if (["GET", "HEAD", "OPTIONS"].includes(method) || isOwn(request)) return undefined;
      if (allowed.includes(headers.origin ?? "") && opened.test(url)) return undefined;
      return forbidden(
        `requests from ${headers.origin?.slice(0, 200)} are refused; use ${publicUrl?.origin ?? arrivalOf(request).host}`,
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
    /** Whether a join page of this server has led to the request; browsers let no other page say so. */
    isFromJoinPage(request: IncomingMessage, basePath: string): boolean {
      const { referer = "" } = request.headers;
      if (!URL.canParse(referer)) return false;
      const { origin, pathname } = new URL(referer);
      return pathname.startsWith(`${basePath}/join/`) && isOwn(request, origin);
    },
    /** The origin that this visitor sees the server under. */
    originOf(request: IncomingMessage): string {
      if (publicUrl) return publicUrl.origin;
      const { host = "localhost", isSecure } = arrivalOf(request);
      return `${isSecure ? "https" : "http"}://${host}`;
    },
  };
}

/** By address, or by a name that nobody else can give this machine. */
export function isOfMachine(name: string): boolean {
  const own = lower(hostname());
  return (
    isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 ||
    /^(.+\.)?localhost$/.test(name) ||
    name === own ||
    name === `${own.split(".")[0]}.local`
  );
}

const lower = (name: string) => name.toLowerCase().replace(/\.$/, "");

function urlOf(host: string | undefined, protocol: string): URL | undefined {
  const text = `${protocol}//${host}`;
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

/** Names what the page or its browser has said, so that it may read all of it. */
function forbidden(message: string): TandemError {
  return new TandemError("forbidden", message, { told: message });
}

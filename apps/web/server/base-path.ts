import type { IncomingMessage } from "node:http";

/** What a public address has before every path: "" or such as "/tandem". */
export const basePathOf = (url: URL | undefined): string => url?.pathname.replace(/\/+$/, "") ?? "";

/** Takes the base path off, where a proxy has left it on. */
export function withoutBase(request: IncomingMessage, basePath: string): void {
  const { url = "/" } = request;
  if (basePath === "" || !url.startsWith(basePath)) return;
  const rest = url.slice(basePath.length);
  if (rest === "" || rest.startsWith("?")) request.url = `/${rest}`;
  else if (rest.startsWith("/")) request.url = rest;
}

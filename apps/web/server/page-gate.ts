import type { IncomingMessage, ServerResponse } from "node:http";
import type { MeView } from "@tandem/protocol/view";
import { may, type Who } from "../lib/may";
import { access } from "./access";
import type { Accounts } from "./accounts/accounts";
import { meOf } from "./accounts/routes";

const patterns = Object.entries(access.pages).map(([path, who]) => ({
  hasParameter: path.includes(":"),
  pattern: new RegExp(`^${path.replace(/:\w+/g, "[\\w-]{1,64}")}$`),
  who: who as Who,
}));

/** Who may see the page at this path; what is no page is for those who may look. */
function whoMaySee(path: string): Who {
  const found = patterns.filter(({ pattern }) => pattern.test(path));
  const named = found.find(({ hasParameter }) => !hasParameter) ?? found.at(0);
  return named?.who ?? "viewer";
}

/** What pages are made of, alike for everybody. Next resolves dots and slashes, so that with them it may be another path. */
export const isFile = (path: string): boolean =>
  /^\/(_next\/static\/.*|icon\.svg|favicon\.ico)$/.test(path) &&
  !/\.\.|\/\/|\\|%(2e|2f|5c)/i.test(path);

/** Who looks at the page; whoever may not see it is sent to where one signs in, and undefined comes back. */
export async function admitToPage(
  accounts: Accounts,
  basePath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<MeView | undefined> {
  const { url = "/" } = request;
  const visitor = await accounts.visitorOf(request);
  if (may(visitor, whoMaySee(url.split("?")[0]))) return meOf(accounts, visitor);
  const query = new URLSearchParams({ next: url.slice(0, 500) });
  const location = `${basePath}/sign-in?${query}`;
  response.writeHead(303, { location, "cache-control": "no-store" }).end();
  return undefined;
}

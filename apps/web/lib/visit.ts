import { AsyncLocalStorage } from "node:async_hooks";
import type { MeView } from "@tandem/protocol/view";
import type { Reply } from "@tandem/transport/http";
import type { Docs } from "./docs/docs";

/** The request that a page is drawn for. */
export type Visit = {
  /** What the REST interface answers for the page; no request leaves the process. */
  readonly ask: (path: string) => Promise<Reply>;
  /** Where this visitor sees the server, base path included. */
  readonly address: string;
  readonly visitor: MeView;
  readonly docs: Docs;
  /** Of the scripts that the page's policy lets run. */
  readonly nonce: string;
  /** Whether a page of this server has led here, as somebody's click on its form does. */
  readonly isFromJoinPage: boolean;
};

// Pages are bundled apart from the server that hands them a visit: what they share is global.
const key = Symbol.for("tandem.visits");
const shared = globalThis as { [key]?: AsyncLocalStorage<Visit> };
shared[key] ??= new AsyncLocalStorage<Visit>();
export const visits: AsyncLocalStorage<Visit> = shared[key];

/** Throws outside the server of `server/main.ts`. */
export function currentVisit(): Visit {
  const visit = visits.getStore();
  if (!visit) throw new Error("pages are drawn by the server alone: start it with npm start");
  return visit;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Docs } from "../lib/docs/docs";
import { visits } from "../lib/visit";
import type { Accounts } from "./accounts/accounts";
import type { createOrigins } from "./origins";
import { admitToPage, isFile } from "./page-gate";
import type { createAsker } from "./router";
import { newNonce, pagePolicy, workerPolicy } from "./security-headers";

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Pages and their files with the policy of each; pages are told whom they are drawn for, and drawn for whom `access.ts` says. */
export function drawPages(options: {
  readonly pages: Pages;
  readonly ask: ReturnType<typeof createAsker>;
  readonly accounts: Accounts;
  readonly docs: Docs;
  readonly origins: ReturnType<typeof createOrigins>;
  readonly basePath: string;
  readonly isDev: boolean;
}): Pages {
  const { pages, ask, accounts, docs, origins, basePath, isDev } = options;
  return async (request, response) => {
    const { url = "/" } = request;
    const origin = origins.originOf(request);
    const socket = origin.replace(/^http/, "ws");
    const isStatic = isFile(url.split("?")[0]);
    const visitor = isStatic ? undefined : await admitToPage(accounts, basePath, request, response);
    request.url = basePath + (basePath !== "" && url === "/" ? "" : url);
    if (isStatic) {
      response.setHeader("content-security-policy", workerPolicy({ socket }));
      return pages(request, response);
    }
    if (!visitor) return undefined;
    const nonce = newNonce();
    const policy = pagePolicy(nonce, { socket, isDev });
    request.headers["content-security-policy"] = policy; // from which Next takes the nonce
    response.setHeader("content-security-policy", policy);
    const address = origin + basePath;
    return visits.run(
      {
        ask: (path) => ask(request, { method: "GET", url: path }),
        address,
        docs,
        nonce,
        visitor,
        isFromJoinPage: origins.isFromJoinPage(request, basePath),
      },
      () => pages(request, response),
    );
  };
}

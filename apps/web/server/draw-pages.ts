import type { IncomingMessage, ServerResponse } from "node:http";
import { visits } from "../lib/visit";
import type { createOrigins } from "./origins";
import type { createAsker } from "./router";
import { newNonce, pagePolicy, workerPolicy } from "./security-headers";

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Pages and their files with the policy of each; pages are told whom they are drawn for. */
export function drawPages(options: {
  readonly pages: Pages;
  readonly ask: ReturnType<typeof createAsker>;
  readonly origins: ReturnType<typeof createOrigins>;
  readonly basePath: string;
  readonly isDev: boolean;
}): Pages {
  const { pages, ask, origins, basePath, isDev } = options;
  return (request, response) => {
    const { url = "/" } = request;
    const origin = origins.originOf(request);
    const socket = origin.replace(/^http/, "ws");
    request.url = basePath + (basePath !== "" && url === "/" ? "" : url);
    if (url.startsWith("/_next/")) {
      response.setHeader("content-security-policy", workerPolicy({ socket }));
      return pages(request, response);
    }
    const nonce = newNonce();
    const policy = pagePolicy(nonce, { socket, isDev });
    request.headers["content-security-policy"] = policy; // from which Next takes the nonce
    response.setHeader("content-security-policy", policy);
    const address = origin + basePath;
    return visits.run(
      {
        ask: (path) => ask(request, { method: "GET", url: path }),
        address,
        nonce,
        isFromJoinPage: origins.isFromJoinPage(request, basePath),
      },
      () => pages(request, response),
    );
  };
}

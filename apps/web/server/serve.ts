import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { datasetNames } from "@tandem/datasets/dataset";
import { strategies } from "@tandem/strategies/registry";
import { createBlobHandler } from "@tandem/transport/blob-http";
import { serveSockets } from "@tandem/transport/socket-server";
import type { Logger } from "pino";
import * as z from "zod/mini";
import { apiRoutes } from "./api";
import type { Platform } from "./platform";
import { runsOnClients } from "./pooled-data";
import { createRouter } from "./router";
import { strategyView } from "./strategy-view";
import { createWasmHandler } from "./wasm-files";

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export type Running = { readonly url: string; close(): Promise<void> };

/** REST, blobs, sockets and, where given, pages on one port. */
export async function serve(options: {
  readonly platform: Platform;
  readonly port: number;
  readonly host?: string | undefined;
  readonly pages?: Pages | undefined;
  readonly log: Logger;
}): Promise<Running> {
  const { platform, port, host, pages, log } = options;
  z.config(z.locales.en()); // refusals that name what is wrong
  const { coordinator, store, blobs } = platform;
  const api = createRouter(
    apiRoutes({
      coordinator,
      store,
      datasets: datasetNames,
      strategies: strategies.filter(runsOnClients).map(strategyView),
    }),
    (error, { method, url }) => log.error({ err: error, method, url }, "request failed"),
  );
  const blob = createBlobHandler({
    blobs,
    authorise: coordinator.authorise,
    meter: coordinator.meter,
  });
  const wasm = createWasmHandler();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (await blob(request, response)) return;
    if (await wasm(request, response)) return;
    if (!pages || request.url?.startsWith("/api/")) return api(request, response);
    return pages(request, response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error, url: request.url }, "request failed");
      response.destroy();
    });
  });
  const sockets = serveSockets({ server, onConnection: coordinator.connect });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo; // a TCP server's
  return {
    url: `http://localhost:${address.port}`,
    async close() {
      server.closeAllConnections();
      await sockets.close();
    },
  };
}

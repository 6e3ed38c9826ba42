import { parsePainting } from "@tandem/protocol/painting";
import { bearerOf } from "@tandem/transport/http";
import { file, json, noContent } from "@tandem/transport/replies";
import { idOf } from "./api-routes";
import type { Paintings } from "./paintings";
import { arrivalOf } from "./proxies";
import { readJson } from "./requests";
import type { Route } from "./router";

const path = "/api/experiments/:id/paintings";
const one = `${path}/:painting`;
const requestBytes = 4096;

/** What an experiment's teacher paints when it is asked: asked for, looked at, cancelled. */
export const paintingRoutes = (paintings: Paintings): readonly Route[] => [
  {
    method: "GET",
    path: "/api/experiments/:id/painting",
    handle: async (call) => json(await paintings.terms(idOf(call))),
  },
  {
    method: "POST",
    path,
    async handle(call) {
      const { request } = call;
      const { prompt } = parsePainting(await readJson(request, requestBytes));
      const from = { address: arrivalOf(request).address, token: bearerOf(request) };
      return json(await paintings.ask(idOf(call), prompt, from), 202);
    },
  },
  {
    method: "GET",
    path: one,
    handle: async (call) => json(paintings.look(idOf(call), call.parameters.painting)),
  },
  {
    method: "GET",
    path: `${one}/sheet.png`,
    handle: async (call) =>
      file(paintings.sheet(idOf(call), call.parameters.painting), "image/png", {
        "cache-control": "private, max-age=3600, immutable",
      }),
  },
  {
    method: "DELETE",
    path: one,
    async handle(call) {
      paintings.cancel(idOf(call), call.parameters.painting);
      return noContent;
    },
  },
];

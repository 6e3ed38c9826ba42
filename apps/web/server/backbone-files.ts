import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { TandemError } from "@tandem/core/errors";
import type { BackboneView } from "@tandem/protocol/view";
import { isBackboneName } from "@tandem/storage/backbone-files";
import { send } from "@tandem/transport/http";
import { failed, json } from "@tandem/transport/replies";
import type { Route } from "./router";

const address = /^\/backbones\/([^/?]+)\/([^/?]+)(?:\?|$)/;
const mostListed = 100;

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** `GET /api/backbones`: the folders that have a model.json. */
export function backboneRoutes(folder: string): readonly Route[] {
  async function list(): Promise<readonly BackboneView[]> {
    const views: BackboneView[] = [];
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const url = `/backbones/${name}/model.json`;
      const isServed = isBackboneName(name) && (await isFile(join(folder, name, "model.json")));
      if (isServed && views.push({ name, url }) === mostListed) break;
    }
    return views;
  }
  return [{ method: "GET", path: "/api/backbones", handle: async () => json(await list()) }];
}

/**
 * Serves the folder's NAME/FILE as `/backbones/NAME/FILE`; answers whether the address was of this kind.
 * Tasks pin files by their hash: other files want another name.
 */
export function createBackboneHandler(folder: string) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const { method, url = "" } = request;
    const [, name = "", path = ""] = address.exec(url) ?? [];
    if (!url.startsWith("/backbones/") || (method !== "GET" && method !== "HEAD")) return false;
    const isName = [name, path].every(isBackboneName);
    const source = isName ? join(folder, name, path) : undefined;
    const found = source ? await stat(source).catch(() => undefined) : undefined;
    if (!source || !found?.isFile()) {
      send(response, missing);
      return true;
    }
    response.writeHead(200, {
      "content-type": path.endsWith(".json") ? "application/json" : "application/octet-stream",
      "content-length": found.size,
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    if (method === "HEAD" || found.size === 0) response.end();
    else
      await pipeline(createReadStream(source, { end: found.size - 1 }), response).catch(() => {}); // the peer has left
    return true;
  };
}

const missing = failed(
  new TandemError(
    "not-found",
    "there is no such file of a backbone: the admin puts it into backbones/NAME of the data directory",
  ),
);

import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { send } from "@tandem/transport/http";
import { file } from "@tandem/transport/replies";

const folder = dirname(
  createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.js"),
);

/** Serves tfjs's binaries from its package as `/tfjs/*.wasm`; answers whether it did. */
export function createWasmHandler() {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const name = /^\/tfjs\/(tfjs-backend-wasm[a-z-]*\.wasm)$/.exec(request.url ?? "")?.[1];
    if (!name) return false;
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (!bytes) return false;
    send(
      response,
      file(bytes, "application/wasm", {
        "cache-control": "public, max-age=86400",
        "cross-origin-resource-policy": "same-origin",
      }),
    );
    return true;
  };
}

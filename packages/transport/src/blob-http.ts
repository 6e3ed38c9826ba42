import type { IncomingMessage, ServerResponse } from "node:http";
import { codeOf, TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import { toldOf } from "@tandem/core/told-error";
import { mostUploadBytes } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { roomFor } from "./body-room";
import { bearerOf, idOf, readBody, send } from "./http";
import { failed } from "./replies";

/** Whom a blob concerns, by the token that `join` gave. */
export type BlobRights = {
  readonly mayRead: (token: string, hash: BlobHash) => Promise<boolean>;
  /** Before the bytes are read; throws `unauthorised` or `full`. */
  readonly admit: (token: string, bytes: number) => Promise<void>;
  readonly put: (token: string, bytes: Uint8Array) => Promise<unknown>;
};

/** Serves `GET` and `PUT /api/blobs/<sha256>`; answers whether the request was one of them. */
export function createBlobHandler(options: {
  readonly blobs: Pick<BlobStore, "get">;
  readonly rights: BlobRights;
  readonly meter: (token: string, direction: "up" | "down", bytes: number, hash: BlobHash) => void;
  readonly logError: (error: unknown, request: IncomingMessage) => void;
  readonly maxBytes?: number;
}): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const { blobs, rights, meter, logError, maxBytes = mostUploadBytes } = options;

  async function get(hash: string, token: string, response: ServerResponse) {
    const bytes = await readable(token, blobHash(hash));
    meter(token, "down", bytes.length, blobHash(hash));
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": bytes.length,
      "Cache-Control": "private, max-age=31536000, immutable",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(bytes);
  }

  /** What one may not read and what is not there are told alike: a name says nothing. */
  async function readable(token: string, hash: BlobHash): Promise<Uint8Array> {
    const nothing = new TandemError("not-found", "There is no blob of this name for this token.");
    if (!(await rights.mayRead(token, hash))) throw nothing;
    return blobs.get(hash).catch((error: unknown) => {
      throw codeOf(error) === "not-found" ? nothing : error;
    });
  }

  async function put(
    hash: string,
    token: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    await rights.admit(token, Number(request.headers["content-length"] ?? 0));
    const bytes = new Uint8Array(await readBody(request, maxBytes));
    meter(token, "up", bytes.length, blobHash(hash));
    const actual = await sha256Hex(bytes);
    if (actual !== hash)
      throw new TandemError("bad-data", `The body has SHA-256 ${actual}, not ${hash}.`);
    await rights.put(token, bytes);
    response.writeHead(201, { "Content-Length": 0 }).end();
  }

  return async (request, response) => {
    const [path] = (request.url ?? "").split("?");
    const found = /^\/api\/blobs\/([^/]*)$/.exec(path);
    if (!found) return false;
    const token = bearerOf(request);
    try {
      if (!/^[0-9a-f]{64}$/.test(found[1]))
        throw new TandemError("bad-data", "A blob's name is its SHA-256.");
      if (request.method === "GET") {
        response.once("close", await roomFor(request, maxBytes));
        await get(found[1], token, response);
      } else if (request.method === "PUT") await put(found[1], token, request, response);
      else response.writeHead(405, { Allow: "GET, PUT" }).end();
    } catch (error) {
      if (!toldOf(error).isWhole) logError(error, request);
      send(response, failed(error, idOf(request)));
    }
    return true;
  };
}

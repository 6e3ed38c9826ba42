import { TandemError } from "@tandem/core/errors";
import type { BlobHash } from "@tandem/core/ids";
import { sha256Hex } from "@tandem/protocol/sha256";
import { serverAddress } from "./server-address";

/** A blob of the server that this worker came from, as the client of this token, over no connection. */
export async function fetchBlob(hash: BlobHash, token: string): Promise<Uint8Array> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${serverAddress()}/api/blobs/${hash}`, { headers });
  if (!response.ok)
    throw new TandemError(
      response.status === 404 ? "not-found" : "unavailable",
      "This browser has dropped the data for lack of room, and the server does not give them again: free some, and take part anew.",
    );
  const bytes = new Uint8Array(await response.arrayBuffer());
  if ((await sha256Hex(bytes)) !== hash)
    throw new TandemError("corrupt", `Blob ${hash} arrived with other bytes.`);
  return bytes;
}

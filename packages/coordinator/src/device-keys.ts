import { createPublicKey, verify } from "node:crypto";
import { TandemError } from "@tandem/core/errors";
import {
  type JoinStatement,
  joinStatement,
  type UploadStatement,
  uploadStatement,
} from "@tandem/protocol/device-key";
import type { Requests } from "./requests";

/**
 * The key that a join, or another such statement, shows to be its own. Throws `not-supported` without one,
 * `stale` without a challenge of this connection, `bad-message` where the key has not signed it.
 */
export function provenKey(
  { experiment, token, key }: Pick<Requests["join"], "experiment" | "token" | "key">,
  challenge: JoinStatement["challenge"] | undefined,
  statementOf: (statement: JoinStatement) => Uint8Array = joinStatement,
): string {
  if (!key) throw new TandemError("not-supported", "This page has no key of its own: reload it.");
  if (challenge === undefined)
    throw new TandemError("stale", "Ask for a challenge over this connection, and sign that.");
  const statement = statementOf({ experiment, challenge, token });
  if (!isSigned(key.public, statement, key.proof))
    throw new TandemError("bad-message", "The key has not signed this connection's challenge.");
  return key.public;
}

/** Throws `unauthorised` where what an upload says is not what this key has signed. */
export function requireSigned(
  key: string | undefined,
  upload: UploadStatement & { readonly signature: string },
): void {
  if (key !== undefined && isSigned(key, uploadStatement(upload), upload.signature)) return;
  throw new TandemError(
    "unauthorised",
    `The upload for round ${upload.round} is not what this client's key has signed: it was altered, or is of another round, experiment or client.`,
  );
}

/** In this thread: it takes a fifth of a millisecond, as long as to ask another. */
function isSigned(key: string, statement: Uint8Array, signature: string): boolean {
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString("base64url"),
  );
  try {
    const jwk = { kty: "EC", crv: "P-256", x, y };
    const publicKey = createPublicKey({ format: "jwk", key: jwk });
    const signed = Buffer.from(signature, "base64url");
    return verify("sha256", statement, { key: publicKey, dsaEncoding: "ieee-p1363" }, signed);
  } catch {
    return false; // no point of the curve
  }
}

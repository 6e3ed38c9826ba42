import { createHash, randomBytes } from "node:crypto";
import { hourMs } from "@tandem/core/duration";
import type { LinkRecord } from "./sql-accounts";

/** Of a link that sets a password, and of one for a first owner. */
export const briefHours = 24;

/** What a link holds, told this once, and what is stored in its place. */
export function newLink(
  terms: Pick<LinkRecord, "role" | "maySpend" | "madeBy" | "resets">,
  hours: number,
  now: number,
): { readonly token: string; readonly record: LinkRecord } {
  const token = randomBytes(24).toString("base64url");
  const [createdAt, expiresAt] = [now, now + hours * hourMs];
  return { token, record: { id: hashOf(token), ...terms, createdAt, expiresAt } };
}

/** What is stored of a secret that a link or a program holds. */
export const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

import type { BlobReference } from "@tandem/core/ids";
import type { ClientStore } from "@tandem/core/stores";
import type { TandemChannel } from "@tandem/protocol/events";
import { sha256Hex } from "@tandem/protocol/sha256";

const prefix = "blob/";

/** Of a store's keys: it can be downloaded again. */
export const isCachedBlob = (key: string): boolean => key.startsWith(prefix);

/** Of such a key. */
export const hashOf = (key: string): string => key.slice(prefix.length);

/** From the client's store when it holds the very bytes, and from the server into it otherwise. */
export async function cachedBlob(
  source: { readonly channel: Pick<TandemChannel, "getBlob">; readonly store: ClientStore },
  { hash }: BlobReference,
): Promise<{ readonly bytes: Uint8Array; readonly stored: boolean }> {
  const key = `${prefix}${hash}`; // shared by all identities
  const known = await source.store.get(key);
  if (known && (await sha256Hex(known)) === hash) return { bytes: known, stored: true };
  const bytes = await source.channel.getBlob(hash);
  await source.store.set(key, bytes);
  return { bytes, stored: false };
}

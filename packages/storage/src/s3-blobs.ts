import { messageOf, TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { BlobArchive } from "@tandem/core/stores";
import { sha256Hex } from "@tandem/protocol/sha256";
import { AwsClient } from "aws4fetch";
import { blobNotFound } from "./errors";

export type S3Options = {
  /** Of the service, without the bucket: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of one request, 30 s. */
  readonly timeoutMs?: number;
  /** After a failed request, with a growing pause; 4. */
  readonly retries?: number;
};

/** Blobs as objects `ab/cd/abcd…` of a bucket that exists, on any service that speaks S3. */
export async function openS3Blobs(options: S3Options): Promise<BlobArchive> {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = options;
  const { timeoutMs = 30_000, retries = 4 } = options;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service: "s3",
    retries,
    initRetryMs: 100,
  });
  const base = `${endpoint.replace(/\/$/, "")}/${encodeURIComponent(bucket)}`;
  const urlOf = (hash: BlobHash) => `${base}/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`;

  async function ask(method: string, url: string, body?: Uint8Array): Promise<Response> {
    try {
      return await client.fetch(url, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body && { body: Uint8Array.from(body) }), // not to change while it is sent
      });
    } catch (error) {
      throw new TandemError("unavailable", `${base} cannot be reached: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async function refused(response: Response, what: string): Promise<TandemError> {
    const text = (await response.text()).slice(0, 300);
    return new TandemError("unavailable", `${base}: ${what} gave ${response.status}: ${text}`);
  }

  const bucketThere = await ask("HEAD", `${base}/`);
  if (!bucketThere.ok)
    throw new TandemError(
      "bad-config",
      `${base} gave ${bucketThere.status}: create the bucket, or mend endpoint, region or keys`,
    );

  const has = async (hash: BlobHash): Promise<boolean> => {
    if (!isHash(hash)) return false;
    const response = await ask("HEAD", urlOf(hash));
    if (response.status === 404) return false;
    if (!response.ok) throw await refused(response, `HEAD ${hash}`);
    return true;
  };

  async function list() {
    const found: { hash: BlobHash; putAt: number; bytes: number }[] = [];
    let page = "";
    do {
      const response = await ask("GET", `${base}/?list-type=2${page}`);
      if (!response.ok) throw await refused(response, "listing");
      const xml = await response.text();
      for (const [, contents] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const hash = /\/([0-9a-f]{64})<\/Key>/.exec(contents)?.[1];
        const modified = /<LastModified>([^<]+)</.exec(contents)?.[1] ?? "";
        const bytes = Number(/<Size>(\d+)</.exec(contents)?.[1] ?? 0);
        if (hash) found.push({ hash: blobHash(hash), putAt: Date.parse(modified), bytes });
      }
      const next = /<NextContinuationToken>([^<]+)</.exec(xml)?.[1];
      page = next ? `&continuation-token=${encodeURIComponent(unescaped(next))}` : "";
    } while (page);
    return found;
  }

  return {
    has,
    list,
    async delete(hash) {
      if (!isHash(hash)) return;
      const response = await ask("DELETE", urlOf(hash));
      if (!response.ok && response.status !== 404) throw await refused(response, `DELETE ${hash}`);
    },
    async put(bytes) {
      const body = Uint8Array.from(bytes);
      const hash = blobHash(await sha256Hex(body));
      const response = await ask("PUT", urlOf(hash), body);
      if (!response.ok) throw await refused(response, `PUT ${hash}`);
      return hash;
    },
    async get(hash) {
      if (!isHash(hash)) throw blobNotFound(hash);
      const response = await ask("GET", urlOf(hash));
      if (response.status === 404) throw blobNotFound(hash);
      if (!response.ok) throw await refused(response, `GET ${hash}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const found = await sha256Hex(bytes);
      if (found === hash) return bytes;
      throw new TandemError(
        "corrupt",
        `${urlOf(hash)} has changed (its SHA-256 is now ${found}); restore it or put it again`,
      );
    },
  };
}

/** Of the five entities of XML. */
const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

/** Also keeps `..` and separators out of the address. */
const isHash = (hash: string) => /^[0-9a-f]{64}$/.test(hash);

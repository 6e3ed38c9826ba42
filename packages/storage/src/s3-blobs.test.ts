import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Hex } from "@tandem/protocol/sha256";
import { AwsClient } from "aws4fetch";
import S3rver from "s3rver";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openS3Blobs, type S3Options } from "./s3-blobs";
import { blobStoreContract } from "./testing/blob-store.contract";

// The keys that s3rver knows.
const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER", region: "us-east-1" };
let server: S3rver;
let directory: string;
let endpoint: string;
let buckets = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-s3-"));
  server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory });
  const { port } = await server.run();
  endpoint = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

async function emptyBucket(): Promise<S3Options> {
  const bucket = `blobs-${++buckets}`;
  const made = await new AwsClient({ ...keys, service: "s3" }).fetch(`${endpoint}/${bucket}`, {
    method: "PUT",
  });
  expect(made.status).toBe(200);
  return { ...keys, endpoint, bucket };
}

blobStoreContract("S3", async () => openS3Blobs(await emptyBucket()));

it("an object that has changed is corrupt until its bytes are put again", async () => {
  const options = await emptyBucket();
  const blobs = await openS3Blobs(options);
  const bytes = Uint8Array.of(1, 2, 3);
  const hash = await blobs.put(bytes);
  const path = `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`;
  const client = new AwsClient({ ...keys, service: "s3" });
  const written = await client.fetch(`${endpoint}/${options.bucket}/${path}`, {
    method: "PUT",
    body: Uint8Array.of(1, 2, 4),
  });
  expect(written.status).toBe(200);
  await expect(blobs.get(hash)).rejects.toMatchObject({ code: "corrupt" });
  expect(await blobs.put(bytes)).toBe(hash);
  // s3rver answers before what takes another's place is written; S3 does not.
  await vi.waitFor(async () => expect(await blobs.get(hash)).toEqual(bytes));
});

it("says so where there is no bucket, no right to it, or nobody", async () => {
  const options = await emptyBucket();
  await expect(openS3Blobs({ ...options, bucket: "none" })).rejects.toThrow(
    /\/none gave 404: create the bucket/,
  );
  await expect(openS3Blobs({ ...options, accessKeyId: "WRONG" })).rejects.toMatchObject({
    code: "bad-config",
  });
  const nobody = { ...options, endpoint: "http://127.0.0.1:1", retries: 0 };
  await expect(openS3Blobs(nobody)).rejects.toMatchObject({ code: "unavailable" });
});

it("a request that fails is sent again, one that never ends is given up", async () => {
  let failures = 0;
  const flaky = createServer((request, response) => {
    if (request.method === "HEAD") return response.writeHead(200).end();
    if (request.method === "PUT") return void request.resume(); // and no answer
    response.writeHead(++failures < 3 ? 503 : 404).end();
  });
  flaky.listen(0, "127.0.0.1");
  await new Promise((resolve) => flaky.once("listening", resolve));
  const address = flaky.address();
  if (!address || typeof address === "string") throw new Error("a TCP server has a port");
  const blobs = await openS3Blobs({
    ...keys,
    endpoint: `http://127.0.0.1:${address.port}`,
    bucket: "flaky",
    timeoutMs: 2_000,
  });
  const missing = await sha256Hex(Uint8Array.of(2));
  await expect(blobs.get(missing)).rejects.toMatchObject({ code: "not-found" });
  expect(failures).toBe(3);
  await expect(blobs.put(Uint8Array.of(1))).rejects.toMatchObject({ code: "unavailable" });
  flaky.closeAllConnections();
  flaky.close();
});

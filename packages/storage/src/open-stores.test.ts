import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStores } from "./open-stores";

it("keeps everything in the directory where nothing else is said", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-stores-"));
  const { store, blobs } = await openStores({ directory, environment: {} });
  await blobs.put(Uint8Array.of(1));
  expect((await readdir(directory)).sort()).toEqual(["blobs", "lock", "postgres"]);
  await store.close();
  await rm(directory, { recursive: true });
});

it("names what S3 lacks, and a database that is none", async () => {
  const open = (environment: Record<string, string>) =>
    openStores({ directory: "/nowhere", environment });
  await expect(
    open({ TANDEM_S3_ENDPOINT: "http://127.0.0.1:1", TANDEM_S3_BUCKET: "b" }),
  ).rejects.toThrow(/TANDEM_S3_ACCESS_KEY_ID, TANDEM_S3_SECRET_ACCESS_KEY/);
  await expect(open({ TANDEM_DATABASE_URL: "mysql" })).rejects.toThrow(/"mysql" is no address/);
});

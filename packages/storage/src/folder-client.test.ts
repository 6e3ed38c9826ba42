import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createFolderClientStore } from "./folder-client";
import { clientStoreContract } from "./testing/client-store.contract";

clientStoreContract("folder", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-client-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return createFolderClientStore(join(directory, "not made yet"));
});

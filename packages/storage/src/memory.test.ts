import { blobStoreContract } from "./blob-store.contract";
import { clientStoreContract } from "./client-store.contract";
import { experimentStoreContract } from "./experiment-store.contract";
import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryClientStore } from "./memory-client";
import { createMemoryExperiments } from "./memory-experiments";

experimentStoreContract("memory", async () => createMemoryExperiments());
blobStoreContract("memory", async () => createMemoryBlobs());
clientStoreContract("memory", async () => createMemoryClientStore());

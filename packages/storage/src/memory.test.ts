import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryClientStore } from "./memory-client";
import { createMemoryExperiments } from "./memory-experiments";
import { blobStoreContract } from "./testing/blob-store.contract";
import { clientStoreContract } from "./testing/client-store.contract";
import { experimentStoreContract } from "./testing/experiment-store.contract";

experimentStoreContract("memory", async () => createMemoryExperiments());
blobStoreContract("memory", async () => createMemoryBlobs());
clientStoreContract("memory", async () => createMemoryClientStore());

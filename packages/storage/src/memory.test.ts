import { createMemoryAudit } from "./memory-audit";
import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryClientStore, createMemoryKeyStore } from "./memory-client";
import { createMemoryExperiments } from "./memory-experiments";
import { createMemoryTasks } from "./memory-tasks";
import { auditStoreContract } from "./testing/audit-store.contract";
import { blobStoreContract } from "./testing/blob-store.contract";
import { clientStoreContract } from "./testing/client-store.contract";
import { experimentStoreContract } from "./testing/experiment-store.contract";
import { keyStoreContract } from "./testing/key-store.contract";
import { taskStoreContract } from "./testing/task-store.contract";

experimentStoreContract("memory", async () => createMemoryExperiments());
taskStoreContract("memory", async () => ({ tasks: createMemoryTasks(), close: async () => {} }));
auditStoreContract("memory", async () => ({ audit: createMemoryAudit(), close: async () => {} }));
blobStoreContract("memory", async () => createMemoryBlobs());
clientStoreContract("memory", async () => createMemoryClientStore());
keyStoreContract("memory", async () => createMemoryKeyStore());

import type { CoordinatorOptions } from "@tandem/coordinator/ports";
import { createConcluders } from "./concluders";
import { createUploadThreads } from "./upload-threads";

/** What keeps the event loop free of what takes a processor for long. */
export function createThreads() {
  const uploads = createUploadThreads();
  const concluders = createConcluders();
  return {
    ports: { uploads: uploads.uploads, concluder: concluders.concluder } satisfies Pick<
      CoordinatorOptions,
      "uploads" | "concluder"
    >,
    async close(): Promise<void> {
      await uploads.close();
      await concluders.close();
    },
  };
}

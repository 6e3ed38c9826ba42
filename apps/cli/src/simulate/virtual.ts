import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { Virtual } from "@tandem/simulation/virtual-client";
import { createFolderClientStore } from "@tandem/storage/folder-client";

/** The share of the clients that makes so many; throws `bad-config` where there are not as many. */
export function participationOf(cohort: number, clients: number): number {
  if (cohort <= clients) return cohort / clients;
  throw new TandemError(
    "bad-config",
    `--cohort ${cohort} is more than the ${clients} clients: use more clients or a smaller cohort.`,
  );
}

/** Clients wait in a folder, which is gone once `work` is done, and work one at a time. */
export async function inFolder<T>(work: (virtual: Virtual) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tandem-clients-"));
  const storeOf = (slot: number) => createFolderClientStore(join(folder, String(slot)));
  try {
    return await work({ storeOf, atOnce: 1 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

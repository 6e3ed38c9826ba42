import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlobStore } from "@tandem/core/stores";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { pino } from "pino";
import { type Bases, createBases } from "../bases";
import { createPreviews, type Previews } from "../previews";
import { createTasks, type Tasks } from "../tasks";

/** Tasks that nobody keeps, numbered. */
export function memoryTasks(
  options: Pick<Parameters<typeof createTasks>[0], "experiments" | "blobs"> & {
    readonly bases?: Bases;
  },
  store = createMemoryTasks(),
): Tasks {
  let count = 0;
  return createTasks({
    bases: testBases({ tasks: store, blobs: options.blobs }),
    ...options,
    tasks: store,
    environment: {},
    now: () => ++count,
    random: () => String(count).padStart(16, "0"),
  });
}

/** Bases in a folder of one's own; by default one in which there is none yet. */
export const testBases = (
  options: Pick<Parameters<typeof createBases>[0], "tasks" | "saveSeconds" | "onStart"> & {
    readonly blobs: BlobStore;
    readonly directory?: string;
  },
): Bases =>
  createBases({
    directory: join(tmpdir(), "tandem-no-bases"),
    ...options,
    log: pino({ level: "silent" }),
    now: Date.now,
  });

/** Previews in a folder of one's own; by default one in which there is none yet. */
export const testPreviews = (
  options: Pick<Parameters<typeof createPreviews>[0], "tasks" | "bases"> & {
    readonly directory?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Previews =>
  createPreviews({
    directory: join(tmpdir(), "tandem-no-previews"),
    environment: {},
    spend: async () => {},
    ...options,
    log: pino({ level: "silent" }),
  });

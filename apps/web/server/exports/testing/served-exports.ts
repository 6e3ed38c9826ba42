import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCoordinator, type World } from "@tandem/coordinator/testing/world";
import type { TaskStore } from "@tandem/core/stores";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { memoryTasks } from "../../testing/memory-tasks";
import { serveRest } from "../../testing/rest";
import type { ImportLimits } from "../imports";
import { exportRoutes } from "../routes";

/** The routes of exports and imports on a world, behind a port until the test ends. */
export async function servedExports(
  world: World,
  options: {
    readonly coordinator?: ReturnType<typeof openCoordinator>;
    readonly records?: TaskStore;
    readonly limits?: Partial<ImportLimits>;
  } = {},
) {
  const { coordinator = openCoordinator(world), records = createMemoryTasks() } = options;
  const { store, blobs } = world;
  const limits: ImportLimits = {
    directory: join(tmpdir(), `tandem-imports-${randomUUID()}`),
    ...{ mostBytes: 2 ** 24, reserveBytes: 0, freeBytes: async () => 2 ** 40 },
    ...options.limits,
  };
  const tasks = memoryTasks({ experiments: store, blobs }, records);
  const rest = await serveRest(exportRoutes({ coordinator, store, blobs, records, tasks, limits }));
  return { ...rest, coordinator, records, limits };
}

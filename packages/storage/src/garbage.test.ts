import { expect, test } from "vitest";
import { collectGarbage } from "./garbage";
import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryExperiments } from "./memory-experiments";
import { createMemoryTasks } from "./memory-tasks";
import { addStudy, id } from "./testing/stored";

test("garbage is what nothing names and nobody has put of late", async () => {
  const stores = {
    store: createMemoryExperiments(),
    tasks: createMemoryTasks(),
    blobs: createMemoryBlobs(),
  };
  const { named, unnamed } = await addStudy(stores);
  const hour = 3_600_000;
  expect(await collectGarbage({ ...stores, now: Date.now() + hour })).toEqual({
    ...{ kept: 6, deleted: 0, isAnothers: false },
  });
  const later = Date.now() + 25 * hour;
  expect(await collectGarbage({ ...stores, now: later })).toMatchObject({ kept: 5, deleted: 1 });
  expect(await stores.blobs.has(unnamed)).toBe(false);
  for (const hash of named) expect(await stores.blobs.has(hash)).toBe(true);
  await stores.store.remove(id);
  expect(await collectGarbage({ ...stores, now: later })).toMatchObject({ kept: 2, deleted: 3 });
  await stores.tasks.remove("task-a");
  // As if the server had been started without its database.
  expect(await collectGarbage({ ...stores, now: later })).toEqual({
    ...{ kept: 2, deleted: 0, isAnothers: true },
  });
});

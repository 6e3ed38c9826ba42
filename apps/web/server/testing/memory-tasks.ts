import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { createTasks, type Tasks } from "../tasks";

/** Tasks that nobody keeps, numbered. */
export function memoryTasks(
  options: Pick<Parameters<typeof createTasks>[0], "experiments" | "blobs">,
  store = createMemoryTasks(),
): Tasks {
  let count = 0;
  return createTasks({
    ...options,
    tasks: store,
    environment: {},
    now: () => ++count,
    random: () => String(count).padStart(16, "0"),
  });
}

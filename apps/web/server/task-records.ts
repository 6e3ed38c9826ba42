import { TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import type { ExperimentStore, TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import type { TaskView } from "@tandem/protocol/view";
import { sizeOfSet } from "./task-sets";

/** Tasks with the experiments that are on them. */
export function taskRecords({
  tasks,
  experiments,
}: {
  readonly tasks: TaskStore;
  readonly experiments: Pick<ExperimentStore, "list">;
}) {
  const usersOf = async (id: string) =>
    (await experiments.list()).flatMap((own) =>
      own.config.dataset === id ? [{ id: own.id, name: own.config.name }] : [],
    );

  /** Throws `conflict` where an experiment is on it. */
  async function unused(id: string): Promise<TaskRecord> {
    const record = await tasks.get(id);
    const [first, ...others] = await usersOf(id);
    if (!first) return record;
    const more = others.length > 0 ? ` and ${plural(others.length, "other")}` : "";
    throw new TandemError(
      "conflict",
      `“${record.task.name}” is used by the experiment “${first.name}”${more}, and stays as it is: remove ${others.length > 0 ? "those" : "that"}, or export the task and import it as another`,
    );
  }

  async function viewOf(record: TaskRecord): Promise<Extract<TaskView, { data: "own" }>> {
    const { id, task, publicSet, test, createdAt } = record;
    const { name, description } = task;
    return {
      id,
      data: "own",
      name,
      description,
      task,
      ...(publicSet && { publicSet: sizeOfSet(publicSet) }),
      ...(test && { test: sizeOfSet(test) }),
      createdAt,
      experiments: await usersOf(id),
    };
  }

  return { usersOf, unused, viewOf };
}

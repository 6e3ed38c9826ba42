import { codeOf, messageOf } from "@tandem/core/errors";
import type { TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { parsePreparation } from "@tandem/protocol/preparation";
import type { PreparationView } from "@tandem/protocol/view";
import { file, json } from "@tandem/transport/replies";
import type { Spending } from "./accounts/spending";
import type { Bases } from "./bases";
import { readJson } from "./requests";
import type { Call, Route } from "./router";
import { taskIdOf } from "./task-routes";
import type { Tasks } from "./tasks";

const path = "/api/tasks/:id/prepare";
const requestBytes = 1024;

/** The base that the server trains from a task's public set: begun, looked at, stopped. */
export function preparationRoutes({
  tasks,
  store,
  bases,
  spend,
}: {
  readonly tasks: Tasks;
  readonly store: Pick<TaskStore, "get">;
  readonly bases: Bases;
  readonly spend: Spending["spend"];
}): readonly Route[] {
  const recordOf = (call: Call) => store.get(taskIdOf(call));
  /** Throws `conflict` while an experiment paints with the base. */
  const requireIdle = async ({ id, task }: TaskRecord) =>
    task.teacher.kind === "trained" ? void (await tasks.unused(id)) : undefined;
  async function view(record: TaskRecord): Promise<PreparationView> {
    const shown = await bases.view(record);
    try {
      await requireIdle(record);
      return shown;
    } catch (error) {
      if (codeOf(error) !== "conflict") throw error;
      return { ...shown, barred: messageOf(error) };
    }
  }
  return [
    { method: "GET", path, handle: async (call) => json(await view(await recordOf(call))) },
    {
      method: "POST",
      path,
      async handle(call) {
        const request = parsePreparation(await readJson(call.request, requestBytes));
        // No experiment begins to paint with a base that is about to be replaced.
        return tasks.exclusively(async () => {
          const record = await recordOf(call);
          await requireIdle(record);
          if ((await bases.view(record)).state !== "running") await spend("trainings");
          return json(await bases.start(record, request), 202);
        });
      },
    },
    {
      method: "DELETE",
      path,
      handle: async (call) => json(await bases.cancel(await recordOf(call))),
    },
    {
      method: "GET",
      path: `${path}/sheet.png`,
      handle: async (call) =>
        file(await bases.sheet(await recordOf(call)), "image/png", { "cache-control": "no-cache" }),
    },
  ];
}

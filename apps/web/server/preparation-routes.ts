import type { TaskStore } from "@tandem/core/stores";
import { parsePreparation } from "@tandem/protocol/preparation";
import { file, json } from "@tandem/transport/replies";
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
}: {
  readonly tasks: Tasks;
  readonly store: Pick<TaskStore, "get">;
  readonly bases: Bases;
}): readonly Route[] {
  const recordOf = (call: Call) => store.get(taskIdOf(call));
  return [
    { method: "GET", path, handle: async (call) => json(await bases.view(await recordOf(call))) },
    {
      method: "POST",
      path,
      async handle(call) {
        const request = parsePreparation(await readJson(call.request, requestBytes));
        // No experiment begins to paint with a base that is about to be replaced.
        return tasks.exclusively(async () => {
          const record = await recordOf(call);
          if (record.task.teacher.kind === "trained") await tasks.unused(record.id);
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

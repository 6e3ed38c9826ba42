import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type SetFolder, setFolders } from "@tandem/intake/task/read-task";
import type { Environment } from "@tandem/teacher/remote";
import { shippedFolder, teachersOf } from "@tandem/teacher/shipped-bases";
import { readBody } from "@tandem/transport/http";
import { attachment, file, json, noContent } from "@tandem/transport/replies";
import { may } from "../lib/may";
import { fileName, readJson } from "./requests";
import type { Call, Route } from "./router";
import type { Tasks } from "./tasks";

const definitionBytes = 256 * 1024;
const zipBytes = 64 * 2 ** 20;

/** Bases that a task may choose as its teacher, each with a sheet of what it paints. */
export function teacherRoutes(environment: Environment): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/teachers",
      handle: async () => json(await teachersOf(environment)),
    },
    {
      method: "GET",
      path: "/api/teachers/:name/samples.png",
      async handle({ parameters: { name } }) {
        // Only a folder that is there: no path is made of what was asked for.
        const known = (await readdir(shippedFolder)).find((one) => one === name);
        if (known === undefined)
          throw new TandemError("not-found", `there is no base ${name.slice(0, 64)}`);
        const sheet = await readFile(join(shippedFolder, known, "samples.png"));
        return file(sheet, "image/png", { "cache-control": "max-age=3600" });
      },
    },
  ];
}

/** Tasks: what an experiment can be on. */
export function taskRoutes(tasks: Tasks): readonly Route[] {
  const setRoutes = (folder: SetFolder): readonly Route[] => [
    {
      method: "POST",
      path: `/api/tasks/:id/${folder}`,
      handle: async (call) => json(await tasks.putSet(taskIdOf(call), folder, await zipOf(call))),
    },
    {
      method: "DELETE",
      path: `/api/tasks/:id/${folder}`,
      handle: async (call) => json(await tasks.removeSet(taskIdOf(call), folder)),
    },
  ];
  return [
    { method: "GET", path: "/api/tasks", handle: async () => json(await tasks.list()) },
    {
      method: "POST",
      path: "/api/tasks",
      async handle({ request, note }) {
        const view = await tasks.create(await readJson(request, definitionBytes));
        note({ thing: view.id });
        return json(view, 201);
      },
    },
    {
      method: "POST",
      path: "/api/tasks/import",
      async handle(call) {
        const from = call.query.has("from") ? idIn(call.query.get("from") ?? "") : undefined;
        const keeps = keepsOf(call);
        const view = await tasks.importZip(await zipOf(call), { from, keeps });
        call.note({ thing: view.task.id });
        return json(view, 201);
      },
    },
    {
      method: "POST",
      path: "/api/tasks/:id/import",
      async handle(call) {
        const [id, keeps] = [taskIdOf(call), keepsOf(call)];
        return json(await tasks.replaceZip(id, await zipOf(call), keeps));
      },
    },
    {
      method: "GET",
      path: "/api/tasks/:id",
      async handle(call) {
        const view = await tasks.get(taskIdOf(call));
        return json(may(call.visitor, "viewer") ? view : { ...view, experiments: [] });
      },
    },
    {
      method: "PUT",
      path: "/api/tasks/:id",
      handle: async (call) =>
        json(await tasks.update(taskIdOf(call), await readJson(call.request, definitionBytes))),
    },
    {
      method: "DELETE",
      path: "/api/tasks/:id",
      async handle(call) {
        await tasks.remove(taskIdOf(call));
        return noContent;
      },
    },
    ...setRoutes("public"),
    ...setRoutes("test"),
    {
      method: "GET",
      path: "/api/tasks/:id/export.zip",
      async handle(call) {
        const { name, bytes } = await tasks.exportZip(taskIdOf(call));
        const headers = attachment(`${fileName(name, "task")}.zip`);
        return file(bytes, "application/zip", { ...headers, "cache-control": "no-cache" });
      },
    },
    {
      method: "GET",
      path: "/api/tasks/:id/sheet.png",
      handle: async (call) =>
        file(await tasks.sheet(taskIdOf(call)), "image/png", { "cache-control": "no-cache" }),
    },
  ];
}

/** The store knows whether there is such a task; a text that can be none is not asked for. */
export const taskIdOf = ({ parameters: { id } }: Call): string => idIn(id);

function idIn(id: string): string {
  if (/^[\w-]{1,64}$/.test(id)) return id;
  throw new TandemError("not-found", `there is no task ${id.slice(0, 64)}`);
}

/** `?keep=public&keep=test` */
const keepsOf = ({ query }: Call): readonly SetFolder[] =>
  query.getAll("keep").map((name) => {
    const folder = setFolders.find((one) => one === name);
    if (folder) return folder;
    throw new TandemError("bad-config", `keep: use ${setFolders.join(" or ")}`);
  });

const zipOf = async ({ request }: Call): Promise<Uint8Array> => readBody(request, zipBytes);

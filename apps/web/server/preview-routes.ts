import { TandemError } from "@tandem/core/errors";
import { parsePreview } from "@tandem/protocol/preview";
import { file, json } from "@tandem/transport/replies";
import { requireAccess } from "./access";
import type { Previews } from "./previews";
import { readJson } from "./requests";
import type { Call, Route } from "./router";

const requestBytes = 64 * 1024;

/** What a teacher paints for a study's prompts, before there is an experiment or even a task. */
export function previewRoutes(previews: Previews): readonly Route[] {
  const path = "/api/previews/:id";
  return [
    {
      method: "POST",
      path: "/api/previews",
      async handle({ request, visitor, note }) {
        const asked = parsePreview(await readJson(request, requestBytes));
        if (asked.begin) requireAccess(visitor, "spender");
        else note({ changes: false });
        const view = await previews.ask(asked);
        note({ thing: view.id });
        return json(view, view.state === "waiting" ? 202 : 200);
      },
    },
    { method: "GET", path, handle: async (call) => json(await previews.view(idOf(call))) },
    { method: "DELETE", path, handle: async (call) => json(await previews.stop(idOf(call))) },
    {
      method: "GET",
      path: `${path}/sheet.png`,
      handle: async (call) =>
        file(await previews.sheet(idOf(call)), "image/png", { "cache-control": "max-age=3600" }),
    },
  ];
}

function idOf({ parameters: { id } }: Call): string {
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  throw new TandemError("not-found", `there is no preview ${id.slice(0, 64)}`);
}

import { TandemError } from "@tandem/core/errors";
import { noLabels } from "@tandem/core/experiment";
import { plural } from "@tandem/core/format";
import type { JsonObject } from "@tandem/core/json";
import { parseLabelChange } from "@tandem/protocol/experiment-labels";
import {
  isSought,
  newestFirst,
  pageOf,
  parseExperimentQuery,
  parseListQuery,
} from "@tandem/protocol/experiment-query";
import { cloneOf, parseAddedRounds, parseClone } from "@tandem/protocol/sweep";
import { json } from "@tandem/transport/replies";
import { requireAccess } from "./access";
import { get, post } from "./accounts/route-parts";
import { type ApiOptions, idOf } from "./api-routes";
import { listOf } from "./experiment-list";
import { readJson } from "./requests";
import type { Route } from "./router";
import { sweepOf } from "./sweeps";
import type { Tasks } from "./tasks";

const bodyLimitBytes = 64 * 1024;

/** Finding experiments again, what people note about them, and making more of them. */
export const runRoutes = ({
  coordinator,
  tasks,
  costs,
}: Pick<ApiOptions, "coordinator" | "tasks" | "costs">): readonly Route[] => [
  get("/api/experiments", async ({ query }) => {
    const wanted = parseExperimentQuery(query);
    const found = await coordinator.list(isSought(wanted));
    const { page, next } = pageOf(found.toSorted(newestFirst), wanted);
    const reply = json(page);
    const following = new URLSearchParams(query);
    if (next !== undefined) following.set("cursor", next);
    return {
      ...reply,
      headers: {
        ...reply.headers,
        "x-total-count": String(found.length),
        ...(next !== undefined && { link: `<?${following}>; rel="next"` }), // RFC 8288
      },
    };
  }),
  get("/api/experiment-list", async ({ query }) =>
    json(listOf(await coordinator.rows(), parseListQuery(query))),
  ),
  {
    method: "PATCH",
    path: "/api/experiments/:id/labels",
    async handle(call) {
      const change = parseLabelChange(await readJson(call.request, bodyLimitBytes));
      const id = idOf(call);
      call.note({ detail: Object.keys(change).join(", ") });
      return json(await coordinator.label(id, change));
    },
  },
  post("/api/experiments/:id/rounds", async (call) => {
    const { add } = parseAddedRounds(await readJson(call.request, bodyLimitBytes));
    const id = idOf(call);
    if (await costs((await coordinator.view(id)).config)) requireAccess(call.visitor, "spender");
    call.note({ detail: `${add} more` });
    return json(await coordinator.extend(id, add));
  }),
  post("/api/experiments/:id/clone", async (call) => {
    const wish = parseClone(await readJson(call.request, bodyLimitBytes));
    const { config, tags } = await coordinator.view(idOf(call));
    const input = cloneOf({ ...(config as unknown as JsonObject), name: config.name }, wish);
    return tasks.exclusively(async () => {
      await requireTask(tasks, input);
      const view = await coordinator.create(input, { ...noLabels, tags });
      call.note({ detail: `as ${view.id}` });
      return json(view, 201);
    });
  }),
  post("/api/sweeps", async (call) => {
    const { group, wanted } = sweepOf(await readJson(call.request, bodyLimitBytes));
    call.note({ thing: group, detail: plural(wanted.length, "experiment") });
    return tasks.exclusively(async () => {
      const [taken] = await coordinator.list((one) => one.group === group);
      if (taken)
        throw new TandemError(
          "conflict",
          `name: there is a group ${group} already: take another name.`,
        );
      for (const { input } of wanted) await requireTask(tasks, input);
      return json(await coordinator.createAll(wanted), 201);
    });
  }),
];

/** No task changes between the look at it and the experiment that is on it. */
async function requireTask(tasks: Tasks, { dataset }: JsonObject): Promise<void> {
  if (typeof dataset === "string") await tasks.requireKnown(dataset);
}

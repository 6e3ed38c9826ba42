import type { Coordinator } from "@tandem/coordinator/coordinator";
import { parseLabelChange } from "@tandem/protocol/experiment-labels";
import {
  isSought,
  newestFirst,
  pageOf,
  parseExperimentQuery,
} from "@tandem/protocol/experiment-query";
import { json } from "@tandem/transport/replies";
import { get } from "./accounts/route-parts";
import { idOf } from "./api-routes";
import { readJson } from "./requests";
import type { Route } from "./router";

const bodyLimitBytes = 64 * 1024;

/** Finding experiments again, and what people note about them. */
export const runRoutes = (coordinator: Pick<Coordinator, "list" | "label">): readonly Route[] => [
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
];

import type { Coordinator } from "@tandem/coordinator/coordinator";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { ExperimentStore } from "@tandem/core/stores";
import { type EventKind, eventKinds, type LocalOnlyView } from "@tandem/protocol/live-view";
import { isTaskId } from "@tandem/protocol/task";
import { json } from "@tandem/transport/replies";
import * as z from "zod/mini";
import { get } from "./accounts/route-parts";
import { idOf, parse } from "./api-routes";
import type { Route } from "./router";

const kinds = Object.keys(eventKinds) as [EventKind, ...EventKind[]];
export const logQuery = z.object({
  kind: z.optional(z.enum(kinds)),
  before: z.optional(
    z.pipe(
      z
        .string()
        .check(z.regex(/^[1-9]\d{0,14}$/, "must be the number that a page before has named")),
      z.transform(Number),
    ),
  ),
});

/** What decides what the places hold: two experiments that agree in it hold the same. */
const dealt = [
  "dataset",
  "seed",
  "slots",
  "alpha",
  "missingClients",
  "missingSamples",
  "lateCaptions",
  "task",
  "benchmark",
] as const satisfies readonly (keyof ExperimentConfig)[];

/** What the page of an experiment asks for beyond what it follows. */
export function liveRoutes({
  coordinator,
  store,
}: {
  readonly coordinator: Pick<Coordinator, "clientCurves" | "events" | "view">;
  readonly store: Pick<ExperimentStore, "get" | "list">;
}): readonly Route[] {
  const path = "/api/experiments/:id";

  /** The latest run of it that has measured something; null where there is none. */
  async function localOnly(of: ExperimentConfig, id: string): Promise<LocalOnlyView | null> {
    if (of.strategy === "local" || isTaskId(of.dataset)) return null;
    const runs = (await store.list())
      .filter((one) => one.config.strategy === "local" && one.id !== id)
      .sort((a, b) => b.updatedAt - a.updatedAt);
    for (const run of runs) {
      const { config, rounds } = await coordinator.view(run.id);
      if (dealt.some((name) => config[name] !== of[name])) continue;
      const accuracy = rounds.map(({ metrics }) => metrics["accuracy/mean"] ?? null);
      if (accuracy.some((value) => value !== null))
        return { id: run.id, name: config.name, accuracy };
    }
    return null;
  }

  return [
    get(`${path}/curves`, async (call) => json(await coordinator.clientCurves(idOf(call)))),
    get(`${path}/events`, async (call) =>
      json(await coordinator.events(idOf(call), parse(logQuery, Object.fromEntries(call.query)))),
    ),
    get(`${path}/local-only`, async (call) => {
      const id = idOf(call);
      return json(await localOnly((await coordinator.view(id)).config, id));
    }),
  ];
}

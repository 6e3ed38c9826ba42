import type { Coordinator } from "@tandem/coordinator/coordinator";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import { type ExperimentId, experimentId } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { ExperimentView, JoiningView, StrategyView } from "@tandem/protocol/view";
import { attachment, file, json, noContent } from "@tandem/transport/replies";
import * as z from "zod/mini";
import { requireAccess } from "./access";
import { createAdapters } from "./adapters";
import { readRun, requireMetrics } from "./exports/run";
import { readJson } from "./requests";
import type { Call, Route } from "./router";
import type { Tasks } from "./tasks";

export type ApiOptions = {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly strategies: readonly StrategyView[];
  readonly tasks: Tasks;
  /** Whether its rounds spend what a teacher costs. */
  readonly costs: (config: ExperimentConfig) => Promise<boolean>;
  /** What leaves a participant's tab; undefined: not known. */
  readonly disclosureOf: (config: ExperimentConfig) => string | undefined;
};

const bodyLimitBytes = 64 * 1024;
const identifier = z.string().check(z.regex(/^[\w-]{1,64}$/));
/** `address`: newcomers of its network address are kept out too. */
export const removal = z.strictObject({ address: z._default(z.boolean(), false) });
const roundNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,4}$/, "must be a round's number")),
  z.pipe(z.transform(Number), z.int().check(z.minimum(1), z.maximum(1000))),
);

/** The REST interface; blobs have a handler of their own in `@tandem/transport`. */
export function apiRoutes(options: ApiOptions): readonly Route[] {
  const { coordinator, store, strategies, disclosureOf, tasks, costs } = options;
  const adapters = createAdapters(coordinator);
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, handle });
  const command = (
    verb: "start" | "pause" | "resume",
    run: (id: ExperimentId) => Promise<ExperimentView>,
  ): Route => ({
    method: "POST",
    path: `/api/experiments/:id/${verb}`,
    async handle(call) {
      const id = idOf(call);
      if (verb !== "pause" && (await costs((await store.get(id)).config)))
        requireAccess(call.visitor, "spender");
      return json(await run(id));
    },
  });
  return [
    get("/api/strategies", async () => json(strategies)),
    get("/api/experiment-schema", async () => {
      const datasets = (await tasks.list()).map(({ id }) => id);
      return json(experimentSchema(datasets));
    }),
    {
      method: "POST",
      path: "/api/experiments",
      async handle({ request, note }) {
        const config = parse(experimentConfig, await readJson(request, bodyLimitBytes));
        // No task changes between the look at it and the experiment that is on it.
        return tasks.exclusively(async () => {
          await tasks.requireKnown(config.dataset);
          const view = await coordinator.create(config);
          note({ thing: view.id });
          return json(view, 201);
        });
      },
    },
    get("/api/experiments/:id", async (call) => json(await coordinator.view(idOf(call)))),
    get("/api/experiments/:id/joining", async (call) => {
      const id = idOf(call);
      const [{ config, status }, places] = [
        await coordinator.view(id),
        await coordinator.vacancies(id),
      ];
      const disclosure = disclosureOf(config);
      return json({
        ...(disclosure !== undefined && { disclosure }),
        ...((status === "finished" || status === "failed") && { isOver: true as const }),
        ...places,
      } satisfies JoiningView);
    }),
    {
      method: "DELETE",
      path: "/api/experiments/:id",
      async handle(call) {
        await coordinator.remove(idOf(call));
        return noContent;
      },
    },
    {
      method: "POST",
      path: "/api/experiments/:id/clients/:client/remove",
      async handle(call) {
        const bar = parse(removal, await readJson(call.request, bodyLimitBytes));
        const client = parse(identifier, call.parameters.client);
        if (bar.address) call.note({ detail: "newcomers of the address kept out" });
        return json(await coordinator.removeClient(idOf(call), client, bar));
      },
    },
    {
      method: "DELETE",
      path: "/api/experiments/:id/kept-out/:keptOut",
      async handle(call) {
        await coordinator.readmit(idOf(call), parse(identifier, call.parameters.keptOut));
        return noContent;
      },
    },
    {
      method: "POST",
      path: "/api/experiments/:id/clients/:client/erase",
      async handle(call) {
        const client = parse(identifier, call.parameters.client);
        return json(await coordinator.eraseClient(idOf(call), client));
      },
    },
    command("start", coordinator.start),
    command("pause", coordinator.pause),
    command("resume", coordinator.resume),
    get("/api/experiments/:id/metrics.jsonl", async (call) => {
      const id = idOf(call);
      const run = await readRun(store, id);
      requireMetrics(run);
      const lines = run.metrics.map((record) => `${JSON.stringify(record)}\n`);
      return file(lines.join(""), "application/x-ndjson", attachment(`${id}-metrics.jsonl`));
    }),
    get("/api/experiments/:id/adapters", async (call) =>
      json(await adapters.list(idOf(call), queriedRound(call))),
    ),
    get("/api/experiments/:id/adapter.zip", async (call) => {
      const { bytes, name } = await adapters.download(idOf(call), queriedRound(call));
      return file(bytes, "application/zip", { ...attachment(name), "cache-control": "no-cache" });
    }),
  ];
}

/** As forms need it: with the data sets of this server. */
function experimentSchema(datasets: readonly string[]) {
  const schema = z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" });
  const { dataset, ...properties } = schema.properties ?? {};
  if (typeof dataset !== "object") throw new Error("the experiment schema has no data set");
  return { ...schema, properties: { ...properties, dataset: { ...dataset, enum: datasets } } };
}

/** The experiment that a path names. */
export const idOf = ({ parameters }: Call): ExperimentId =>
  experimentId(parse(identifier, parameters.id));
export const roundOf = ({ parameters }: Call): number => parse(roundNumber, parameters.round);
const roundQuery = z.object({ round: z.optional(roundNumber) });
const queriedRound = ({ query }: Call) => parse(roundQuery, Object.fromEntries(query)).round;

/** Throws `bad-config` naming the first field that is wrong. */
export function parse<T extends z.ZodMiniType>(schema: T, value: unknown): z.infer<T> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new TandemError("bad-config", [...path, message].join(": "));
}

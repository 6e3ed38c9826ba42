import { TandemError } from "@tandem/core/errors";
import {
  type ExperimentConfig,
  type ExperimentLabels,
  type ExperimentRecord,
  noLabels,
} from "@tandem/core/experiment";
import { experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Kept } from "@tandem/core/strategy";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { isVisible } from "@tandem/protocol/text";
import type { ExperimentView } from "@tandem/protocol/view";
import english from "zod/v4/locales/en.js";
import type { CoordinatedStrategy, CoordinatorOptions } from "./ports";
import { initialDocument } from "./round/round-document";
import { type createRuntimes, noBlobs, type Planned } from "./runtimes";
import { viewOf } from "./view";

function refuseTooMany(slots: number, keeps: Kept | undefined): void {
  if (keeps?.most === undefined || slots <= keeps.most) return;
  throw new TandemError(
    "bad-config",
    `slots: with these settings the server keeps ${keeps.what}, of ${keeps.most} clients at most, not ${slots}: have ${keeps.most} places or fewer, or choose a strategy or an aggregation that adds answers up`,
  );
}

/** `where`: what people call it, should it be refused. */
export type Wanted = {
  readonly input: unknown;
  readonly labels: ExperimentLabels;
  readonly where?: string;
};
/** How experiments come to be. */
export function createCreation({
  clock,
  random,
  federate,
  strategyOf,
  runtimes,
}: Pick<CoordinatorOptions, "clock" | "random" | "federate"> & {
  readonly strategyOf: (name: string) => CoordinatedStrategy;
  readonly runtimes: Pick<ReturnType<typeof createRuntimes>, "create">;
}) {
  /** Throws `bad-config` for what is no configuration. */
  function checkedConfig(input: unknown): ExperimentConfig {
    const config = parsedConfig(input);
    const strategy = strategyOf(config.strategy);
    const strategyConfig = strategy.parse(config.strategyConfig);
    refuseTooMany(config.slots, strategy.server(strategyConfig).keeps);
    return { ...config, strategyConfig };
  }

  function recordOf(input: unknown, labels: ExperimentLabels): ExperimentRecord {
    const now = clock.now();
    return {
      id: experimentId(random.id()),
      config: checkedConfig(input),
      status: "draft",
      state: initialDocument as unknown as JsonObject, // plain JSON by its type
      sequence: 0,
      createdAt: now,
      updatedAt: now,
      ...labels,
    };
  }

  async function create(input: unknown, labels = noLabels): Promise<ExperimentView> {
    const [created] = await createAll([{ input, labels }]);
    return created;
  }

  /** All of them, or none: throws `bad-config` for the first that cannot be run, `where` before it. */
  async function createAll(wanted: readonly Wanted[]): Promise<readonly ExperimentView[]> {
    const all: Planned[] = [];
    const tried = new Set<string>();
    for (const { input, labels, where } of wanted)
      try {
        const record = recordOf(input, labels);
        // To deal data takes a second; what seed and strategy's settings do to it is no reason to refuse.
        const { name, seed, strategyConfig, ...rest } = record.config;
        const kind = JSON.stringify(rest);
        const isNew = !tried.has(kind);
        all.push({
          record,
          ...(isNew && { data: await federate(record.config, noBlobs) }),
        });
        tried.add(kind);
      } catch (error) {
        if (!(error instanceof TandemError) || where === undefined) throw error;
        throw new TandemError(error.code, `${where}: ${error.message}`, { cause: error });
      }
    return (await runtimes.create(all)).map(viewOf);
  }

  return { checkedConfig, create, createAll };
}

/** Throws `bad-config` naming the first field that is wrong. */
function parsedConfig(input: unknown): ExperimentConfig {
  const parsed = experimentConfig.safeParse(input, { error: localeError });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TandemError(
      "bad-config",
      `${issue.path.join(".") || "experiment"}: ${issue.message}`,
    );
  }
  const { name, minClients, slots } = parsed.data;
  if (!isVisible(name))
    throw new TandemError(
      "bad-config",
      "name: holds characters that nobody sees: use letters, digits, signs or emoji.",
    );
  if (minClients > slots)
    throw new TandemError(
      "bad-config",
      `minClients: ${minClients} clients do not fit ${slots} places.`,
    );
  return parsed.data;
}

// The small zod has no words of its own: every issue would read "Invalid input".
const { localeError } = english();

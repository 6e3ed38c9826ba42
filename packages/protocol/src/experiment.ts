import type { ExperimentConfig } from "@tandem/core/experiment";
import * as z from "zod/mini";
import { jsonObject } from "./json";

function described<T extends z.ZodMiniType>(schema: T, title: string, description: string): T {
  z.globalRegistry.add(schema, { title, description });
  return schema;
}

/** Everything has a default except the name; unknown keys are refused. */
export const experimentConfig = z.strictObject({
  name: described(
    z.string().check(z.trim(), z.minLength(1), z.maxLength(80)),
    "Name",
    "Shown on the dashboard and to participants.",
  ),
  strategy: described(z._default(z.string(), "fedmmkt"), "Strategy", "The federated algorithm."),
  strategyConfig: z._default(jsonObject, {}),
  dataset: described(z._default(z.string(), "emoji-style"), "Data set", "What clients train on."),
  rounds: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 5),
    "Rounds",
    "Rounds to run before the experiment is finished.",
  ),
  seed: described(
    z._default(z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1)), 1),
    "Seed",
    "Partition, initial weights and sampling follow from it.",
  ),
  slots: described(
    z._default(z.int().check(z.minimum(1), z.maximum(64)), 12),
    "Places",
    "Shards that the data set is split into, one for each client.",
  ),
  minClients: described(
    z._default(z.int().check(z.minimum(1), z.maximum(64)), 2),
    "Clients to start",
    "The first round starts once this many are ready; later ones with the quorum's share of them.",
  ),
  quorum: described(
    z._default(z.number().check(z.gt(0), z.maximum(1)), 0.6),
    "Quorum",
    "Share of the cohort that must have answered when the deadline passes.",
  ),
  deadlineMs: described(
    z._default(z.int().check(z.minimum(1000), z.maximum(86_400_000)), 120_000),
    "Deadline (ms)",
    "How long a round waits for answers.",
  ),
});

/** Compile-time proof that schema and vocabulary agree. */
const agrees = (config: z.infer<typeof experimentConfig>): ExperimentConfig => config;
void agrees;

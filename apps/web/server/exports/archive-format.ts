import { clientModalities } from "@tandem/core/data";
import { phases } from "@tandem/core/experiment";
import { experimentLabels } from "@tandem/protocol/experiment-labels";
import { jsonObject } from "@tandem/protocol/json";
import { text } from "@tandem/protocol/text";
import * as z from "zod/mini";

export const archiveFormat = "tandem-experiment/1";

/** Files of an archive that have names of their own; its blobs are `blobs/SHA-256`. */
export const archiveNames = {
  /** Lists all others with their sizes and checksums; the last. */
  manifest: "manifest.json",
  experiment: "experiment.json",
  events: "events.jsonl",
  rounds: "rounds.jsonl",
  clients: "clients.jsonl",
  metrics: "metrics.jsonl",
  /** Of an experiment on a task. */
  task: "task.json",
} as const;

const id = z.string().check(z.regex(/^[\w-]{1,64}$/, "must be an id"));
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, "must be a SHA-256"));
const count = z.int().check(z.minimum(0));
/** What the database has 32 bits for. */
const smallCount = z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1));
/** Epoch milliseconds, as far as dates go. */
const at = z.int().check(z.minimum(0), z.maximum(8.64e15));

export const manifestSchema = z.object({
  format: z.string(),
  files: z
    .array(z.strictObject({ path: z.string(), bytes: count, sha256: hash }))
    .check(z.maxLength(90_000)),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Status and state are those of what has ended, or stands still. */
export const experimentSchema = z.strictObject({
  id,
  config: jsonObject,
  status: z.enum(["paused", "finished", "failed"]),
  state: jsonObject,
  sequence: count,
  createdAt: at,
  updatedAt: at,
  ...experimentLabels,
});

export const eventSchema = z.strictObject({ sequence: count, at, event: jsonObject });

export const roundSchema = z.strictObject({
  round: z.int().check(z.minimum(1), z.maximum(1000)),
  phases: z.array(z.strictObject({ phase: z.enum(phases), at })).check(z.maxLength(10_000)),
  endedAt: z.exactOptional(at),
  cohort: z.array(id).check(z.maxLength(10_000)),
  uploads: smallCount,
  refused: smallCount,
  bytesUp: count,
  bytesDown: count,
  stateHash: z.exactOptional(hash),
});

/** Without what proves that somebody is this client. */
export const clientSchema = z.strictObject({
  id,
  slot: smallCount,
  name: text(200),
  modality: z.enum(clientModalities),
  architecture: text(200),
  samples: smallCount,
  heldOut: z.exactOptional(smallCount),
  source: text(200),
  device: text(200),
  joinedAt: at,
  leftAt: z.exactOptional(at),
  bytesUp: count,
  bytesDown: count,
});

/** JSON has no word for some numbers: they are their names. */
const number = z.union([
  z.number(),
  z.pipe(z.enum(["NaN", "Infinity", "-Infinity"]), z.transform(Number)),
]);
export const metricSchema = z.strictObject({
  round: z.int().check(z.minimum(0), z.maximum(1000)),
  client: z.exactOptional(id),
  metrics: z.record(text(200), number),
});

const set = z.strictObject({ hash, bytes: count, size: count });
export const taskSchema = z.strictObject({
  id: z.string().check(z.regex(/^task-[0-9a-f]{16}$/, "must be a task's id")),
  task: jsonObject,
  publicSet: z.exactOptional(set),
  test: z.exactOptional(set),
  createdAt: at,
});

/** One spelling of a value, whatever the order of its keys: a database has its own. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) => {
    if (typeof part === "number" && !Number.isFinite(part)) return String(part);
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

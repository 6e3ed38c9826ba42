import type { ClientModality } from "@tandem/core/data";
import type {
  ClientRecord,
  EventRecord,
  ExperimentConfig,
  ExperimentRecord,
  ExperimentStatus,
  RoundRecord,
  Verdict,
} from "@tandem/core/experiment";
import type { BlobHash, ClientId, ExperimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Metrics } from "@tandem/core/strategy";
import type { TaskRecord } from "@tandem/core/task";
import {
  bigint,
  boolean,
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from "drizzle-orm/pg-core";

const whole = (name: string) => bigint(name, { mode: "number" });

/** JSON has no NaN: numbers that are not finite are kept as their names, which `Number` reads. */
const metricsColumn = customType<{ data: Metrics; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (metrics) =>
    JSON.stringify(metrics, (_, value) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ),
  fromDriver: (stored) =>
    Object.fromEntries(Object.entries(stored as object).map(([name, v]) => [name, Number(v)])),
});

export const experiments = pgTable("experiments", {
  id: text("id").$type<ExperimentId>().primaryKey(),
  config: jsonb("config").$type<ExperimentConfig>().notNull(),
  status: text("status").$type<ExperimentStatus>().notNull(),
  state: jsonb("state").$type<JsonObject>().notNull(),
  sequence: whole("sequence").notNull(),
  stateSequence: whole("state_sequence"),
  createdAt: whole("created_at").notNull(),
  updatedAt: whole("updated_at").notNull(),
  tags: jsonb("tags").$type<ExperimentRecord["tags"]>().notNull().default([]),
  note: text("note").notNull().default(""),
  group: text("group"),
  archived: boolean("archived").notNull().default(false),
});

const experiment = () =>
  text("experiment")
    .$type<ExperimentId>()
    .notNull()
    .references(() => experiments.id, { onDelete: "cascade" });

export const events = pgTable(
  "events",
  {
    experiment: experiment(),
    sequence: whole("sequence").notNull(),
    at: whole("at").notNull(),
    event: jsonb("event").$type<EventRecord["event"]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.sequence] })],
);

export const rounds = pgTable(
  "rounds",
  {
    experiment: experiment(),
    round: integer("round").notNull(),
    phases: jsonb("phases").$type<RoundRecord["phases"]>().notNull(),
    endedAt: whole("ended_at"),
    cohort: jsonb("cohort").$type<RoundRecord["cohort"]>().notNull(),
    uploads: integer("uploads").notNull(),
    refused: integer("refused").notNull(),
    bytesUp: whole("bytes_up").notNull(),
    bytesDown: whole("bytes_down").notNull(),
    stateHash: text("state_hash").$type<BlobHash>(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.round] })],
);

export const clients = pgTable(
  "clients",
  {
    experiment: experiment(),
    id: text("id").$type<ClientRecord["id"]>().notNull(),
    tokenHash: text("token_hash").notNull(),
    key: text("key"),
    slot: integer("slot").notNull(),
    name: text("name").notNull(),
    modality: text("modality").$type<ClientModality>().notNull(),
    architecture: text("architecture").notNull(),
    samples: integer("samples").notNull(),
    heldOut: integer("held_out"),
    source: text("source").notNull(),
    device: text("device").notNull(),
    joinedAt: whole("joined_at").notNull(),
    leftAt: whole("left_at"),
    bytesUp: whole("bytes_up").notNull(),
    bytesDown: whole("bytes_down").notNull(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.id] })],
);

/** `id` is the hash of what the link holds. */
export const invitations = pgTable(
  "invitations",
  {
    experiment: experiment(),
    id: text("id").notNull(),
    consent: text("consent").notNull(),
    uses: integer("uses").notNull(),
    used: integer("used").notNull(),
    createdAt: whole("created_at").notNull(),
    expiresAt: whole("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.id] })],
);

export const applicants = pgTable(
  "applicants",
  {
    experiment: experiment(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    device: text("device").notNull(),
    at: whole("at").notNull(),
    verdict: text("verdict").$type<Verdict>(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.id] })],
);

/** `client` is null for the round as a whole, which is one row too. */
export const metrics = pgTable(
  "metrics",
  {
    experiment: experiment(),
    round: integer("round").notNull(),
    client: text("client").$type<ClientId>(),
    metrics: metricsColumn("metrics").notNull(),
  },
  (table) => [
    unique("metrics_key").on(table.experiment, table.round, table.client).nullsNotDistinct(),
  ],
);

export const tasks = pgTable("tasks", {
  id: text("id").primaryKey(),
  task: jsonb("task").$type<TaskRecord["task"]>().notNull(),
  publicSet: jsonb("public_set").$type<TaskRecord["publicSet"]>(),
  test: jsonb("test").$type<TaskRecord["test"]>(),
  createdAt: whole("created_at").notNull(),
});

import type { EventRecord } from "@tandem/core/experiment";
import { experimentStatuses, phases } from "@tandem/core/experiment";
import { parsedBy } from "@tandem/protocol/parsed-by";
import { text } from "@tandem/protocol/text";
import * as z from "zod/mini";
import { documentOf, type RoundDocument } from "./round-document";
import type { RoundEvent, RoundState } from "./round-state";

const id = z.string().check(z.regex(/^[\w-]{1,64}$/, "must be a client's id"));
/** Names of blobs, or the word in place of one that was erased. */
const name = z.string().check(z.regex(/^([0-9a-f]{64}|erased)$/, "must be a SHA-256"));
const count = z.int().check(z.minimum(0));
const pace = z.exactOptional(z.number());
const message = text(100_000);
const by = <T extends z.ZodMiniType>(value: T) => z.record(id, value);
const ids = z.array(id);
const instruction = z.strictObject({ hash: name, bytes: count });
const keptOut = z.strictObject({ id: text(100), key: name, client: id, at: z.number() });

const event = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["started", "paused", "resumed", "recovered", "evaluated"]) }),
  z.strictObject({ type: z.literal("joined"), client: id, slot: count }),
  z.strictObject({ type: z.literal("ready"), client: id, paceMs: pace }),
  z.strictObject({
    type: z.literal("left"),
    client: id,
    gone: z.exactOptional(z.literal(true)),
  }),
  z.strictObject({
    type: z.literal("erased"),
    clients: ids,
    at: z.exactOptional(z.number()),
    isRevised: z.exactOptional(z.literal(true)),
  }),
  z.strictObject({
    type: z.literal("barred"),
    client: id,
    keys: z.array(name),
    keptOut: z.exactOptional(keptOut),
  }),
  z.strictObject({ type: z.literal("readmitted"), keptOut: text(100) }),
  z.strictObject({ type: z.enum(["prepared", "aggregated", "taught"]), state: name }),
  z.strictObject({ type: z.literal("published"), instructions: by(instruction) }),
  z.strictObject({ type: z.literal("uploaded"), client: id, hash: name, paceMs: pace }),
  z.strictObject({
    ...{ type: z.literal("late"), client: id, round: count },
    ...{ hash: name, paceMs: pace },
  }),
  z.strictObject({ type: z.literal("refused"), client: id, code: text(100), message }),
  z.strictObject({ type: z.literal("failed"), client: id, message }),
  z.strictObject({ type: z.literal("deadline"), deadline: count }),
  z.strictObject({ type: z.literal("extended"), rounds: count }),
  z.strictObject({ type: z.literal("broken"), message }),
]);

const state = z.strictObject({
  status: z.enum(experimentStatuses),
  phase: z.enum(phases),
  round: count,
  ready: ids,
  cohort: ids,
  instructions: by(instruction),
  answers: by(name),
  failed: ids,
  closed: z.array(
    z.strictObject({
      round: count,
      cohort: ids,
      instructions: z.exactOptional(by(instruction)),
      answers: by(name),
      late: by(z.strictObject({ hash: name, takenIn: count })),
    }),
  ),
  waitsSince: by(z.number()),
  paces: by(z.nullable(z.number())),
  failures: count,
  lastFailure: z.nullable(message),
  addedRounds: count,
  extended: z.boolean(),
  deadline: count,
  strategyState: z.nullable(name),
  prepared: z.boolean(),
  error: z.nullable(message),
  barred: z.array(name),
  erasedAt: z.nullable(z.number()),
  keptOut: z.array(keptOut),
  importedAt: z.nullable(z.number()),
});

/** Compile-time proof that schemas and reducer agree. */
const agrees: {
  readonly event: (value: z.infer<typeof event>) => RoundEvent;
  readonly stored: (value: RoundEvent) => z.infer<typeof event>["type"];
  readonly state: (value: z.infer<typeof state>) => RoundDocument;
} = { event: (value) => value, stored: ({ type }) => type, state: (value) => value };
void agrees;

/** Both throw `bad-config` naming what is wrong. */
export const parseRoundEvent = (input: unknown): RoundEvent => parsedBy(event, input);
export const parseRoundState = (input: unknown): RoundDocument => parsedBy(state, input);

/**
 * The state as others may have it: nobody is there, and hashes of tokens and addresses, which could be
 * guessed, are left out. What runs is paused.
 */
export function stateToShare(state: RoundState): RoundDocument {
  const whole = documentOf(state);
  return {
    ...whole,
    status: whole.status === "running" ? "paused" : whole.status,
    ...{ ready: [], barred: [], keptOut: [], importedAt: null },
  };
}

/** The same of an event. */
export function eventToShare(record: EventRecord): EventRecord {
  const event = record.event as unknown as RoundEvent; // by `commits`
  if (event.type !== "barred") return record;
  const { keptOut: _, ...rest } = event;
  return { ...record, event: { ...rest, keys: [] } };
}

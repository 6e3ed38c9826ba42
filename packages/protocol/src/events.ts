import type { ClientChannel, ServerConnection } from "@tandem/core/channel";
import type { BlobHash, ClientId, ExperimentId } from "@tandem/core/ids";
import { clientTasks } from "@tandem/core/model";
import * as z from "zod/mini";
import { backbone, encoder } from "./task";
import { text } from "./text";

/** Raised when either side could misunderstand the other; a join with another one is refused. */
export const protocolVersion = 5;

/** Of a `speed` that a client may claim, and of samples. */
export const maxSpeed = 1e6;
export const maxSamples = 1e6;
const maxStepMs = 1e6;

const hash = z.custom<BlobHash>(
  (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
  "must be 64 lower-case hexadecimal digits",
);
const experiment = z.custom<ExperimentId>(
  (value) => typeof value === "string" && /^[\w-]{1,64}$/.test(value),
  "must be an experiment id",
);
const client = z.custom<ClientId>(
  (value) => typeof value === "string" && /^[\w-]{1,64}$/.test(value),
  "must be a client id",
);
const token = z.string().check(z.regex(/^[\w-]{16,128}$/));
/** Of `device-key.ts`. */
const publicKey = z.string().check(z.regex(/^[\w-]{87}$/));
const signature = z.string().check(z.regex(/^[\w-]{86}$/));
/** The device's key, and a statement signed with it. */
const provenKey = z.strictObject({ public: publicKey, proof: signature });
const modality = z.enum(["image", "text", "image-text"]);
const count = z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1));
const samples = z.int().check(z.minimum(0), z.maximum(maxSamples));
const blob = z.strictObject({ hash, bytes: count });
const metrics = z
  .record(z.string().check(z.regex(/^[a-z0-9][\w/.-]{0,63}$/i)), z.number())
  .check(z.refine((value) => Object.keys(value).length <= 64, "at most 64 metrics"));
/** Samples that the client's last training went through in a second, by its own account. */
const speed = z.optional(z.number().check(z.gt(0), z.maximum(maxSpeed)));
/** `stepMs`: of the training step that a tab is tried with; `memory`: GiB, as browsers tell it. */
const device = z.strictObject({
  backend: z.enum(["webgpu", "webgl", "wasm", "cpu"]),
  stepMs: z.exactOptional(z.number().check(z.gt(0), z.maximum(maxStepMs))),
  memory: z.exactOptional(z.number().check(z.gt(0), z.maximum(1024))),
});
const failure = z.strictObject({
  ok: z.literal(false),
  error: z.strictObject({ code: text(32), message: text(500) }),
});
/** Not yet: whoever runs the experiment decides. Next time, token and key prove that it is the same tab. */
const waits = z.strictObject({ ...failure.shape, token });
const ok = z.strictObject({ ok: z.literal(true) });

/** Client to server. Every request is answered with `ok: true` or with an error. */
export const requests = {
  /** What the next `join` or `erase` over this connection signs. */
  challenge: {
    request: z.strictObject({}),
    reply: z.union([failure, z.strictObject({ ok: z.literal(true), challenge: token })]),
  },
  /** Takes a place, or with a token takes the same one again. */
  join: {
    request: z.strictObject({
      version: z.int(),
      experiment,
      token: z.optional(token),
      /** Its device's key, and what shows that it holds it: `joinStatement`, signed. Absent in pages from before version 5. */
      key: z.exactOptional(provenKey),
      /** Wanted modality, or any; likewise the place. */
      modality: z.optional(modality),
      slot: z.optional(count),
      name: z.optional(text(40)),
      device: text(120),
      /** What the link of an invitation holds; who has a place needs it no more. */
      invitation: z.exactOptional(token),
      /** What was agreed to (`ConsentView.hash`). */
      consent: z.exactOptional(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
      /** It trains a model of pictures of its own, which stays with it. */
      ownEncoder: z.exactOptional(z.literal(true)),
      /** What it brings, where places are not dealt their data: samples to train and to measure on. */
      own: z.optional(
        z.strictObject({
          modality,
          samples: samples.check(z.minimum(1)),
          heldOut: samples,
          /** What computes, by the tab's account: it decides which of the study's models it trains. */
          device: z.exactOptional(device),
        }),
      ),
    }),
    reply: z.union([
      failure,
      waits,
      z.strictObject({
        ok: z.literal(true),
        client,
        token,
        slot: count,
        seed: count,
        experimentName: text(80),
        strategy: text(40),
        strategyConfig: z.record(z.string(), z.json()),
        dataset: text(64),
        classes: z.array(text(60)),
        rounds: count,
        modality,
        architecture: text(40),
        /** Of a model of pictures and captions. */
        task: z.enum(clientTasks),
        source: text(60),
        /** Data of this place, `@tandem/protocol/labelled-set`; absent: what it has brought. */
        shard: z.optional(blob),
        /** The public benchmark, likewise; absent: it measures on what it has held out. */
        test: z.optional(blob),
        /** `@tandem/core/tokenizer` vocabulary, as JSON bytes. */
        vocabulary: blob,
        /** Of whose features models read in place of pictures; absent: they read the pictures. */
        backbone: z.exactOptional(backbone),
        /** The architecture is by the device: one of these, with the step that is expected of it. */
        chosen: z.exactOptional(
          z.strictObject({ among: z.array(text(40)), stepMs: count, budgetMs: count }),
        ),
        /** Of models that train it. */
        encoder: z.exactOptional(encoder),
      }),
    ]),
  },
  /** Data and model are loaded; instructions may come. */
  ready: {
    request: z.strictObject({ samples, device: text(120), speed }),
    reply: z.union([failure, ok]),
  },
  progress: {
    request: z.strictObject({
      round: count,
      stage: z.enum(["download", "train", "transfer", "extract", "evaluate", "upload"]),
      fraction: z.number().check(z.minimum(0), z.maximum(1)),
      loss: z.optional(z.number()),
    }),
    reply: z.union([failure, ok]),
  },
  /**
   * Names a payload that has been put as a blob, and the instruction that it answers; idempotent by
   * (experiment, round, client). `signature`: of `uploadStatement`, by the key that has joined.
   */
  upload: {
    request: z.strictObject({ round: count, instruction: hash, hash, metrics, speed, signature }),
    reply: z.union([failure, z.strictObject({ ok: z.literal(true), duplicate: z.boolean() })]),
  },
  /** The client could not answer the round; the round goes on without it. */
  fail: {
    request: z.strictObject({ round: count, message: text(500) }),
    reply: z.union([failure, ok]),
  },
  leave: { request: z.strictObject({}), reply: z.union([failure, ok]) },
  /**
   * Leaves, if the key's client is still there, and has all erased that the server keeps of it, or of
   * whoever waits with the token; `proof`: of `eraseStatement`. `found`: there was something.
   */
  erase: {
    request: z.strictObject({ experiment, token: z.exactOptional(token), key: provenKey }),
    reply: z.union([failure, z.strictObject({ ok: z.literal(true), found: z.boolean() })]),
  },
  /** A dashboard asks for `view` notices of one experiment; with `changes` for one, and `change` from then on. */
  watch: {
    request: z.strictObject({ experiment, changes: z.exactOptional(z.literal(true)) }),
    reply: z.union([failure, ok]),
  },
} as const;

/** Server to client. */
export const notices = {
  /** Payload to fetch and answer within `deadlineMs` of receipt. */
  instruct: z.strictObject({ round: count, hash, bytes: count, deadlineMs: count }),
  status: z.strictObject({
    round: count,
    rounds: count,
    /** Of the round while the experiment runs, else the experiment's own status. */
    phase: text(20),
    clients: count,
    /** The round asks others. */
    rests: z.optional(z.literal(true)),
  }),
  /** The server is about to go away; come back after about so long. */
  restart: z.strictObject({ afterMs: count }),
  /** The experiment no longer needs this client. */
  finish: z.strictObject({
    reason: text(200),
    /** It has been deleted: nothing that was given for it is of use any more. */
    removed: z.optional(z.literal(true)),
  }),
  /** The place is not this client's any more, and why. */
  dismissed: z.strictObject({ reason: text(300) }),
  /** Why the server cuts this connection, just before it does. */
  cut: z.strictObject({ code: text(32), message: text(500) }),
  /** An `ExperimentView`, to watchers only. */
  view: z.custom<import("./view").ExperimentView>((value) => typeof value === "object"),
  /** A `ViewChange`, to watchers that have asked for it. */
  change: z.custom<import("./view-change").ViewChange>((value) => typeof value === "object"),
} as const;

type Inferred<T> = { readonly [K in keyof T]: T[K] extends z.ZodMiniType ? z.infer<T[K]> : never };
export type TandemContract = {
  readonly requests: { readonly [K in keyof typeof requests]: Inferred<(typeof requests)[K]> };
  readonly notices: Inferred<typeof notices>;
};
export type TandemRequests = TandemContract["requests"];
export type TandemNotices = TandemContract["notices"];
export type TandemChannel = ClientChannel<TandemContract>;
export type TandemConnection = ServerConnection<TandemContract>;
export type JoinReply = Extract<z.infer<(typeof requests)["join"]["reply"]>, { readonly ok: true }>;

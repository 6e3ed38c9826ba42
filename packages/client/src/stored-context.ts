import { TandemError } from "@tandem/core/errors";
import { type BlobHash, type ClientId, clientId } from "@tandem/core/ids";
import type { ClientStore } from "@tandem/core/stores";
import type { Metrics } from "@tandem/core/strategy";
import { addPrefix, underPrefix } from "@tandem/core/tensor";
import { jsonObject } from "@tandem/protocol/json";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import * as z from "zod/mini";
import { hashOf, isCachedBlob } from "./cached-blob";
import type { ClientContext } from "./handle";
import {
  decodeModel,
  decodeStudy,
  encodeModel,
  encodeStudy,
  type KeptModel,
  type KeptStudy,
  studyName,
} from "./kept-study";
import type { RoundResult } from "./messages";
import { dropSides } from "./own-sides";

/** What was computed last. It is sent again when the same is asked again. */
export type Answer = {
  readonly round: number;
  /** The instruction that it answers. */
  readonly instruction: BlobHash;
  readonly upload: BlobHash;
  readonly metrics: Metrics;
};

export type StoredContext = {
  readonly context: ClientContext;
  /** Absent once the server has refused it. */
  readonly answer?: Answer | undefined;
};

/** What one identity keeps of an experiment over a reload. */
export type ClientMemory = {
  token(): Promise<string | undefined>;
  /** Undefined: it has none. */
  setToken(token: string | undefined): Promise<void>;
  /** Throws `corrupt` when what is kept cannot be read. */
  context(): Promise<StoredContext | undefined>;
  /** Undefined: as before the first round. */
  setContext(stored: StoredContext | undefined): Promise<void>;
  history(): Promise<readonly RoundResult[]>;
  setHistory(history: readonly RoundResult[]): Promise<void>;
  /** Names the blobs that it needs, before they are fetched. */
  setData(hashes: readonly BlobHash[]): Promise<void>;
  study(): Promise<KeptStudy | undefined>;
  setStudy(study: KeptStudy): Promise<void>;
  /** `first`: after its first round; `alone`: of the same rounds without the others. */
  model(which: "first" | "alone"): Promise<KeptModel | undefined>;
  setModel(which: "first" | "alone", model: KeptModel): Promise<void>;
  /** What it has learned. */
  forget(): Promise<void>;
  /** Everything, with what nobody else in this store needs: blobs, and the sides of data that is gone. */
  clear(): Promise<void>;
};

const hash = z.custom<BlobHash>((value) => typeof value === "string");
const contextMeta = z.object({
  client: z.object({
    id: z.pipe(
      z.string(),
      z.transform((id): ClientId => clientId(id)),
    ),
    modality: z.enum(["image", "text", "image-text"]),
    architecture: z.string(),
    samples: z.number(),
  }),
  memory: jsonObject,
  answer: z.optional(
    z.object({
      round: z.number(),
      instruction: hash,
      upload: hash,
      metrics: z.record(z.string(), z.number()),
    }),
  ),
});
const historyRecord = z.array(
  z.object({
    round: z.number(),
    accuracy: z.number(),
    image: z.exactOptional(z.number()),
    text: z.exactOptional(z.number()),
  }),
);

const needed = "data";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function openClientMemory(
  store: ClientStore,
  { experiment, identity }: { readonly experiment: string; readonly identity: number },
): ClientMemory {
  const key = (name: string) => `${experiment}/${identity}/${name}`;

  async function read<T>(name: string, parse: (bytes: Uint8Array) => T): Promise<T | undefined> {
    const bytes = await store.get(key(name));
    if (!bytes) return undefined;
    try {
      return parse(bytes);
    } catch (cause) {
      throw new TandemError("corrupt", `What this browser kept as "${name}" cannot be read.`, {
        cause,
      });
    }
  }

  async function forget(): Promise<void> {
    await store.delete(key("context"));
    await store.delete(key("history"));
    await store.delete(key("first"));
    await store.delete(key("alone"));
  }

  return {
    token: () => read("token", (bytes) => decoder.decode(bytes)),
    setToken: (token) =>
      token === undefined
        ? store.delete(key("token"))
        : store.set(key("token"), encoder.encode(token)),
    context: () => read("context", decodeContext),
    setContext: (stored) =>
      stored ? store.set(key("context"), encodeContext(stored)) : store.delete(key("context")),
    history: async () =>
      (await read("history", (bytes) => historyRecord.parse(JSON.parse(decoder.decode(bytes))))) ??
      [],
    setHistory: (history) => store.set(key("history"), encoder.encode(JSON.stringify(history))),
    setData: (hashes) => store.set(key(needed), encoder.encode(JSON.stringify(hashes))),
    study: () => read(studyName, decodeStudy),
    setStudy: (own) => store.set(key(studyName), encodeStudy(own)),
    model: (which) => read(which, decodeModel),
    setModel: (which, model) => store.set(key(which), encodeModel(model)),
    forget,
    async clear() {
      await store.delete(key("token"));
      await store.delete(key(studyName));
      await forget();
      await store.delete(key(needed));
      await dropUnneeded(store);
      await dropSides(store);
    },
  };
}

/** This browser's clients of the experiment whose study it keeps, in order. */
export const identitiesKept = (store: ClientStore, experiment: string): Promise<number[]> =>
  identitiesWith(studyName, store, experiment);

/** Those that have had a place, or wait for one. */
export const tokensKept = (store: ClientStore, experiment: string): Promise<number[]> =>
  identitiesWith("token", store, experiment);

async function identitiesWith(
  record: string,
  store: ClientStore,
  experiment: string,
): Promise<number[]> {
  const found = (await store.keys()).flatMap((key) => {
    const [of, identity, name, ...rest] = key.split("/");
    return of === experiment && name === record && rest.length === 0 ? [Number(identity)] : [];
  });
  return found.filter((identity) => Number.isInteger(identity)).sort((a, b) => a - b);
}

/** Blobs that no client of this browser names can go: whoever wants one again fetches it. */
async function dropUnneeded(store: ClientStore): Promise<void> {
  const keys = await store.keys();
  const lists = keys.filter((key) => key.endsWith(`/${needed}`));
  const texts = await Promise.all(lists.map(async (key) => decoder.decode(await store.get(key))));
  for (const key of keys)
    if (isCachedBlob(key) && !texts.some((text) => text.includes(hashOf(key))))
      await store.delete(key);
}

function encodeContext({ context, answer }: StoredContext): Uint8Array {
  const { weights = {}, memory, client } = context;
  return encodePayload({
    arrays: { ...addPrefix("weights/", weights), ...addPrefix("memory/", memory.arrays) },
    meta: { client, memory: memory.meta, ...(answer && { answer }) },
  });
}

function decodeContext(bytes: Uint8Array): StoredContext {
  const { arrays, meta } = decodePayload(bytes);
  const { client, memory, answer } = contextMeta.parse(meta);
  return {
    answer,
    context: {
      client,
      weights: underPrefix("weights/", arrays),
      memory: { arrays: underPrefix("memory/", arrays), meta: memory },
    },
  };
}

import type { ClientModel } from "@tandem/core/model";
import type { ClientStore, KeyStore } from "@tandem/core/stores";
import type { FitContext, Metrics } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { soleIdentity } from "../identity";
import { type ClientState, initialState } from "../messages";
import { startSession } from "../session";
import type { SessionHost } from "../session-host";
import { createFlakyChannel } from "./flaky-channel";
import type { ScriptedServer } from "./scripted-server";

type OpenEncoder = NonNullable<SessionHost["openEncoder"]>;
export type Fit = (context: FitContext) => Promise<void>;

/** A session whose model is one number: how often it has been trained. */
export async function openSession(
  server: ScriptedServer,
  options: {
    /** Of a session before; absent: a new one. */
    readonly store?: ClientStore;
    readonly keys?: KeyStore;
    readonly fit?: Fit;
    readonly claimIdentity?: SessionHost["claimIdentity"];
    readonly now?: SessionHost["now"];
    readonly exhausted?: NonNullable<SessionHost["exhausted"]>;
    /** Of the participant's own data in the store. */
    readonly task?: string;
    /** What a round reports. */
    readonly metrics?: Metrics;
    /** Is told which encoder is opened; absent: none can be. */
    readonly onEncoder?: (encoder: Parameters<OpenEncoder>[0]) => void;
  } = {},
) {
  const { store = createMemoryClientStore(), keys = createMemoryKeyStore() } = options;
  let state: ClientState = initialState;
  const fits: { readonly round: number; readonly trained: number; readonly client: string }[] = [];
  const flaky = createFlakyChannel(server.connect);
  /** Rounds of the instructions that have come, also of those that come once more. */
  const heard: number[] = [];
  flaky.channel.on("instruct", ({ round }) => heard.push(round));
  const start = () =>
    startSession(
      {
        channel: flaky.channel,
        store,
        keys,
        claimIdentity: options.claimIdentity ?? soleIdentity,
        now: options.now ?? (() => 0),
        device: "test",
        ...(options.exhausted && { exhausted: options.exhausted }),
        createModel: counterModel,
        ...(options.onEncoder && {
          openEncoder: async (encoder) => {
            options.onEncoder?.(encoder);
            return { createModel: counterModel, encoder: {} as never }; // never taken along
          },
        }),
        createTrainer: () => ({
          train: async () => ({ loss: 0, batches: 0 }),
          predict: async () => ({ z: {}, logits: {} }),
        }),
        strategy: () => ({
          async fit(context, { meta }) {
            const { count } = await context.model.weights();
            const trained = count.data[0];
            fits.push({ round: context.round, trained, client: context.client.id });
            await options.fit?.(context);
            context.model.load({ count: f32([1], [trained + 1]) });
            return {
              update: { arrays: {}, meta: { ...meta, trained } },
              memory: { arrays: {}, meta: {} },
              metrics: options.metrics ?? { accuracy: 0.5 },
            };
          },
        }),
        update: (change) => {
          state = { ...state, ...(typeof change === "function" ? change(state) : change) };
        },
      },
      { experiment: "e1", ...(options.task !== undefined && { task: options.task }) },
    );
  return { start, store, keys, flaky, fits, heard, state: () => state };
}

function counterModel(): ClientModel {
  let count = 0;
  return {
    architecture: "any",
    modality: "text",
    task: "classification",
    classes: 1,
    dimension: 1,
    variables: {},
    forward: () => ({ z: {}, logits: {} }),
    weights: async () => ({ count: f32([1], [count]) }),
    load: (weights) => {
      count = weights.count.data[0];
    },
    dispose: () => {},
  };
}

/** Lets pending work run until it is so. */
export async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  for (const end = Date.now() + limitMs; !condition(); ) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

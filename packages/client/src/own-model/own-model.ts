import { TandemError } from "@tandem/core/errors";
import { fusedLogits, type HeadTemperatures } from "@tandem/core/fused-logits";
import type { BlobHash } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { lazily } from "@tandem/core/lazily";
import type { ClientModel, Trainer } from "@tandem/core/model";
import type { ClientHalf, Metrics } from "@tandem/core/strategy";
import { type Arrays, f32, type TensorOf } from "@tandem/core/tensor";
import { createTokenizer, type Vocabulary } from "@tandem/core/tokenizer";
import { cachedBlob } from "../cached-blob";
import type { KeptStudy } from "../kept-study";
import { loadMember, type Member, type MemberHost } from "../member";
import type { RoundResult } from "../messages";
import { modelMakerOf, trainsOwn, withoutEncoder } from "../model-maker";
import { openOwnData } from "../own-data";
import { type OwnEncoder, openOwnEncoder, pinOf } from "../own-encoder";
import { type ClientMemory, identitiesKept, openClientMemory } from "../stored-context";
import type { ModelAddress, ModelInfo } from "./messages";

/** Where models are used after, or beside, the session that trains them. */
export type ModelHost = Omit<MemberHost, "strategy" | "channel"> & {
  /** As the client of this token. */
  readonly fetchBlob: (hash: BlobHash, token: string) => Promise<Uint8Array>;
  /** The client that trains alone, with the training settings of the experiment's strategy. */
  readonly alone: (config: JsonObject) => ClientHalf;
  /** Brings a backend up, once. */
  readonly ready: () => Promise<void>;
};

export type OwnModel = {
  readonly info: ModelInfo;
  readonly memory: ClientMemory;
  readonly study: KeptStudy;
  readonly history: readonly RoundResult[];
  /** Its trained self; throws `not-found` before the first round. */
  trained(): Promise<{ readonly weights: Arrays; readonly metrics: Metrics }>;
  vocabulary(): Promise<Vocabulary>;
  /** With the data that it was trained and measured on; throws `not-found` where that is gone. */
  member(): Promise<Member>;
  /** That the participant has brought, if it trains one; throws `not-found` where that is gone. */
  encoder(): Promise<OwnEncoder | undefined>;
};

/** What this browser keeps of a model; undefined where that is none. Throws `corrupt`. */
export async function openOwnModel(
  host: ModelHost,
  { experiment, identity }: ModelAddress,
): Promise<OwnModel | undefined> {
  const kept = await identitiesKept(host.store, experiment);
  const index = identity !== undefined && kept.includes(identity) ? identity : kept[0];
  if (index === undefined) return undefined;
  const memory = openClientMemory(host.store, { experiment, identity: index });
  const study = await memory.study();
  if (!study) return undefined;
  const { joined, task: own, pictures } = study;
  const channel = { getBlob: (hash: BlobHash) => host.fetchBlob(hash, joined.token) };
  const encoder = trainsOwn(joined)
    ? lazily(async () => {
        const brought = await openOwnEncoder(host.store, experiment).read();
        if (brought && pinOf(brought) === study.ownEncoder) return brought;
        throw withoutEncoder();
      })
    : undefined;
  const { experimentName, classes, modality, architecture, task, backbone } = joined;
  // What it is shown is made features of, in the size that its own pictures had then.
  const size = backbone?.size ?? pictures?.size;
  const stored = await memory.context();
  const history = await memory.history();
  const weights = stored?.context.weights;
  const member = lazily(async () => {
    await host.ready(); // an encoder is tried when it is opened
    return loadMember(
      { ...host, channel, strategy: (_, config) => host.alone(config) },
      joined,
      own === undefined ? undefined : await openOwnData(host.store, own).read(),
      await encoder?.get(),
    );
  });
  return {
    memory,
    study,
    history,
    info: {
      identity: index,
      experiment: experimentName,
      classes,
      modality,
      architecture,
      task,
      ...(pictures && size && { pictures: { ...pictures, size } }),
      rounds: history.length,
      trained: weights !== undefined,
    },
    async trained() {
      if (!weights)
        throw new TandemError(
          "not-found",
          "This tab's model has learned nothing yet: wait for its first round.",
        );
      return { weights, metrics: stored?.answer?.metrics ?? {} };
    },
    async vocabulary() {
      const { bytes } = await cachedBlob({ ...host, channel }, joined.vocabulary);
      return JSON.parse(new TextDecoder().decode(bytes));
    },
    member: member.get,
    encoder: async () => encoder?.get(),
  };
}

/** Lends the model with these weights, and a trainer, for the time of the work. */
export async function withModel<T>(
  host: ModelHost,
  own: OwnModel,
  work: (lent: { readonly model: ClientModel; readonly trainer: Trainer }) => Promise<T>,
): Promise<T> {
  const { joined, pictures } = own.study;
  const { weights } = await own.trained();
  const tokenizer = createTokenizer(await own.vocabulary());
  const { architecture, classes, seed, task, backbone } = joined;
  await host.ready();
  const { createModel } = await modelMakerOf(host, joined, await own.encoder());
  const model = createModel({
    architecture,
    classes: classes.length,
    vocabularySize: tokenizer.size,
    imageSize: pictures?.size ?? 32, // one that reads none has no use for it
    ...(backbone && { featureSize: backbone.features }),
    seed,
    task,
  });
  try {
    model.load(weights);
    const trainer = host.createTrainer({ tokenizer, ...(backbone && { backbone }) });
    return await work({ model, trainer });
  } finally {
    model.dispose();
  }
}

/** By what its last round reported, so that a pair's heads are averaged as they were then. */
export const temperaturesOf = (metrics: Metrics): HeadTemperatures =>
  Object.fromEntries(
    (["image", "text"] as const).flatMap((modality) => {
      const temperature = metrics[`temperature/${modality}`];
      return temperature > 0 ? [[modality, temperature]] : [];
    }),
  );

/** (N, C), the mean over the heads. */
export function fused(
  predictions: Parameters<typeof fusedLogits>[0],
  temperatures: HeadTemperatures = {},
): TensorOf<"f32"> {
  const rows = fusedLogits(predictions, temperatures);
  const classes = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * classes);
  for (const [i, row] of rows.entries()) data.set(row, i * classes);
  return f32([rows.length, classes], data);
}

import { type LabelledSet, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { featuresFault } from "@tandem/core/features-fault";
import type { BlobReference } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { wholeIn } from "@tandem/core/presence";
import type { ClientInfo } from "@tandem/core/strategy";
import type { BackboneReference } from "@tandem/core/task";
import { createTokenizer, type Vocabulary } from "@tandem/core/tokenizer";
import type { JoinReply, TandemChannel } from "@tandem/protocol/events";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { cachedBlob } from "./cached-blob";
import type { ClientHost } from "./handle";
import { type PicturesOf, picturesOf } from "./kept-study";
import type { ClientState } from "./messages";
import { modelMakerOf } from "./model-maker";
import type { OwnData } from "./own-data";
import type { OwnEncoder } from "./own-encoder";
import { previewOf } from "./preview";
import type { SessionHost } from "./session-host";

/** A place that has been taken, with its data loaded. */
export type Member = {
  readonly joined: JoinReply;
  readonly client: ClientInfo;
  /** Samples of its own that it is measured on; absent: the public benchmark. */
  readonly heldOut?: number;
  /** What a round borrows. */
  readonly hostOf: (signal: AbortSignal, progress: ClientHost["progress"]) => ClientHost;
  readonly shown: Pick<ClientState, "assignment" | "data" | "preview">;
  /** Bytes that had to be downloaded. */
  readonly downloaded: number;
  readonly vocabulary: Vocabulary;
  /** Absent: it holds none. */
  readonly pictures?: PicturesOf;
};

/** What of a host a member is made with. */
export type MemberHost = Pick<
  SessionHost,
  "store" | "strategy" | "createModel" | "createTrainer" | "openEncoder"
> & { readonly channel: Pick<TandemChannel, "getBlob"> };

/** Whether what was loaded for one reply serves another. */
export const isSameOffer = (a: JoinReply, b: JoinReply): boolean =>
  JSON.stringify({ ...a, token: "" }) === JSON.stringify({ ...b, token: "" });

/** Of a place that is dealt no data; throws `not-found` or `bad-data` where its own does not do. */
export async function loadMember(
  host: MemberHost,
  joined: JoinReply,
  own: OwnData | undefined,
  encoder?: OwnEncoder,
): Promise<Member> {
  const fetched = async (blob: BlobReference | undefined) => blob && cachedBlob(host, blob);
  const shard = await fetched(joined.shard);
  const benchmark = await fetched(joined.test);
  const words = await cachedBlob(host, joined.vocabulary);
  const data = shard ? decodeLabelledSet(shard.bytes) : own?.train;
  const whole = benchmark ? decodeLabelledSet(benchmark.bytes) : own?.heldOut;
  if (!data || !whole) throw withoutData();
  if (!shard) checkFit(joined, { data, test: whole, backbone: own?.backbone });
  const test = wholeIn(whole, modalitiesOf(joined.modality));
  if (test.size === 0)
    throw new TandemError(
      "bad-data",
      `The study's test set has no sample of the kind that ${joined.modality} clients hold: tell its organiser.`,
    );
  const vocabulary: Vocabulary = JSON.parse(new TextDecoder().decode(words.bytes));
  const tokenizer = createTokenizer(vocabulary);
  const strategy = host.strategy(joined.strategy, joined.strategyConfig as JsonObject);
  const { backbone } = joined;
  const trainer = host.createTrainer({ tokenizer, ...(backbone && { backbone }) });
  const { client: id, modality, architecture, task, classes, seed, slot, source } = joined;
  const { createModel } = await modelMakerOf(host, joined, encoder);
  const images = data.images ?? test.images;
  const pictures = images && picturesOf(images);
  return {
    joined,
    client: { id, modality, architecture, samples: data.size },
    ...(!benchmark && { heldOut: test.size }),
    vocabulary,
    ...(pictures && { pictures }),
    downloaded: [shard, benchmark, words].reduce(
      (sum, blob) => sum + (!blob || blob.stored ? 0 : blob.bytes.length),
      0,
    ),
    hostOf: (signal, progress) => ({
      strategy,
      trainer,
      createModel: () =>
        createModel({
          architecture,
          classes: classes.length,
          vocabularySize: tokenizer.size,
          imageSize: pictures?.size ?? 32, // pictures have one size
          ...(backbone && { featureSize: backbone.features }),
          seed,
          task,
        }),
      classes,
      data,
      test,
      stream: `${seed}/slot-${slot}`,
      signal,
      progress,
    }),
    shown: {
      assignment: {
        client: id,
        experiment: joined.experimentName,
        strategy: joined.strategy,
        classes,
        modality,
        architecture,
        ...(joined.chosen && { chosen: joined.chosen }),
        source,
        samples: data.size,
        measuredOn: benchmark ? "public" : "held-out",
        measuredSamples: test.size,
        slot,
        rounds: joined.rounds,
      },
      data: { stored: shard?.stored ?? true, bytes: shard?.bytes.length ?? 0 },
      preview: previewOf(data, classes),
    },
  };
}

export const withoutData = (): TandemError =>
  new TandemError(
    "not-found",
    "This browser holds no data of yours for the study: add your samples, then join again.",
  );

/** Own data may be from before the study changed its classes, the size of its pictures or its backbone. */
function checkFit(
  { classes, backbone }: JoinReply,
  {
    data,
    test,
    backbone: made,
  }: {
    readonly data: LabelledSet;
    readonly test: LabelledSet;
    readonly backbone: BackboneReference | undefined;
  },
): void {
  const bad = (what: string) =>
    new TandemError("bad-data", `${what}: bring your data again, in place of what is there.`);
  const labels = [...data.labels, ...test.labels];
  const odd = labels.find((label) => label < 0 || label >= classes.length);
  if (odd !== undefined)
    throw bad(`Your data has samples of class ${odd + 1}, and the study has ${classes.length}`);
  const [own, wanted] = [data.images?.shape[1], test.images?.shape[1]];
  if (own !== undefined && wanted !== undefined && own !== wanted)
    throw bad(`Your pictures have ${own} pixels a side, and the study's ${wanted}`);
  const sentence = data.images && featuresFault(made, backbone);
  if (sentence) throw bad(sentence);
}

import type { JsonObject } from "@tandem/core/json";
import type { ClientInfo } from "@tandem/core/strategy";
import { createTokenizer } from "@tandem/core/tokenizer";
import type { JoinReply } from "@tandem/protocol/events";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { cachedBlob } from "./cached-blob";
import type { ClientHost } from "./handle";
import type { ClientState } from "./messages";
import { previewOf } from "./preview";
import type { SessionHost } from "./session-host";

/** A place that has been taken, with its data loaded. */
export type Member = {
  readonly joined: JoinReply;
  readonly client: ClientInfo;
  /** What a round borrows. */
  readonly hostOf: (signal: AbortSignal, progress: ClientHost["progress"]) => ClientHost;
  readonly shown: Pick<ClientState, "assignment" | "data" | "preview">;
  /** Bytes that had to be downloaded. */
  readonly downloaded: number;
};

/** Whether what was loaded for one reply serves another. */
export const isSameOffer = (a: JoinReply, b: JoinReply): boolean =>
  JSON.stringify({ ...a, token: "" }) === JSON.stringify({ ...b, token: "" });

export async function loadMember(host: SessionHost, joined: JoinReply): Promise<Member> {
  const [shard, benchmark, vocabulary] = [
    await cachedBlob(host, joined.shard),
    await cachedBlob(host, joined.test),
    await cachedBlob(host, joined.vocabulary),
  ];
  const data = decodeLabelledSet(shard.bytes);
  const test = decodeLabelledSet(benchmark.bytes);
  const tokenizer = createTokenizer(JSON.parse(new TextDecoder().decode(vocabulary.bytes)));
  const strategy = host.strategy(joined.strategy, joined.strategyConfig as JsonObject);
  const trainer = host.createTrainer({ tokenizer });
  const { client: id, modality, architecture, task, classes, seed, slot, source } = joined;
  return {
    joined,
    client: { id, modality, architecture, samples: data.size },
    downloaded: [shard, benchmark, vocabulary].reduce(
      (sum, { stored, bytes }) => sum + (stored ? 0 : bytes.length),
      0,
    ),
    hostOf: (signal, progress) => ({
      strategy,
      trainer,
      createModel: () =>
        host.createModel({
          architecture,
          classes: classes.length,
          vocabularySize: tokenizer.size,
          imageSize: test.images?.shape[1] ?? 32,
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
        source,
        samples: data.size,
        slot,
        rounds: joined.rounds,
      },
      data: { stored: shard.stored, bytes: shard.bytes.length },
      preview: previewOf(data, classes),
    },
  };
}

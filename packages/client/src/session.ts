import type { ClientChannel } from "@tandem/core/channel";
import type { LabelledSet } from "@tandem/core/data";
import { type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { BlobReference } from "@tandem/core/federated-data";
import { experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { ClientModel, Trainer } from "@tandem/core/model";
import { emptyPayload } from "@tandem/core/payload";
import type { ClientStore } from "@tandem/core/stores";
import type { ClientHalf } from "@tandem/core/strategy";
import { addPrefix, underPrefix } from "@tandem/core/tensor";
import { createTokenizer, type Tokenizer } from "@tandem/core/tokenizer";
import { type JoinReply, protocolVersion, type TandemContract } from "@tandem/protocol/events";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { decodePayload, encodePayload } from "@tandem/protocol/payload";
import { type ClientContext, type ClientHost, handle } from "./handle";
import type { ClientState, JoinOptions } from "./messages";
import { previewOf } from "./preview";

type Instruction = TandemContract["notices"]["instruct"];

/** Where a session runs: a tab's worker, or Node. */
export type SessionHost = {
  readonly channel: ClientChannel<TandemContract>;
  readonly store: ClientStore;
  readonly now: () => number;
  /** For the server's table, e.g. "wasm". */
  readonly device: string;
  readonly strategy: (name: string, config: JsonObject) => ClientHalf;
  readonly createModel: (options: {
    readonly architecture: string;
    readonly classes: number;
    readonly vocabularySize: number;
    readonly imageSize: number;
    readonly seed: number;
  }) => ClientModel;
  readonly createTrainer: (options: { readonly tokenizer: Tokenizer }) => Trainer;
  readonly update: (
    change: Partial<ClientState> | ((state: ClientState) => Partial<ClientState>),
  ) => void;
};

export type Session = { readonly leave: () => Promise<void>; readonly finished: Promise<void> };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Joins, loads the data, and answers every round until the experiment ends or the client leaves. */
export async function startSession(
  host: SessionHost,
  options: Pick<JoinOptions, "experiment" | "modality" | "slot" | "name">,
): Promise<Session> {
  const { channel, store, update } = host;
  const key = (name: string) => `${options.experiment}/${name}`;
  let token = "";
  let abort = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let ended = false;
  let end = () => {};
  const finished = new Promise<void>((resolve) => {
    end = resolve;
  });

  async function blob(reference: BlobReference): Promise<{ bytes: Uint8Array; stored: boolean }> {
    const known = await store.get(`blob/${reference.hash}`);
    if (known) return { bytes: known, stored: true };
    const bytes = await channel.getBlob(reference.hash);
    await store.set(`blob/${reference.hash}`, bytes);
    update((state) => ({ bytesDown: state.bytesDown + bytes.length }));
    return { bytes, stored: false };
  }

  async function join(): Promise<JoinReply> {
    update({ phase: "joining" });
    const known = await store.get(key("token"));
    const { modality, slot, name } = options;
    const reply = await channel.request("join", {
      version: protocolVersion,
      experiment: experimentId(options.experiment),
      ...(known && { token: decoder.decode(known) }),
      ...(modality && { modality }),
      ...(slot !== undefined && { slot }),
      ...(name && { name }),
      device: host.device,
    });
    if (!reply.ok) throw new TandemError(reply.error.code as ErrorCode, reply.error.message);
    token = reply.token;
    await store.set(key("token"), encoder.encode(token));
    return reply;
  }

  const joined = await join();
  update({ phase: "loading" });
  const [shard, test, vocabulary] = [
    await blob(joined.shard),
    await blob(joined.test),
    await blob(joined.vocabulary),
  ];
  const data = decodeLabelledSet(shard.bytes);
  const tokenizer = createTokenizer(JSON.parse(decoder.decode(vocabulary.bytes)));
  update({
    assignment: {
      client: joined.client,
      experiment: joined.experimentName,
      strategy: joined.strategy,
      classes: joined.classes,
      modality: joined.modality,
      architecture: joined.architecture,
      source: joined.source,
      samples: data.size,
      slot: joined.slot,
      rounds: joined.rounds,
    },
    data: { stored: shard.stored, bytes: shard.bytes.length },
    preview: previewOf(data, joined.classes),
  });
  const lend = lender(host, joined, data, decodeLabelledSet(test.bytes), tokenizer);

  async function answer({ round, hash }: Instruction, signal: AbortSignal): Promise<void> {
    update({ phase: "working", round, stage: "download", fraction: 0 });
    const done = await readContext(store, key("context"));
    let upload = done?.round === round ? done.upload : undefined;
    if (!upload) {
      const instruction = await channel.getBlob(hash, signal);
      update((state) => ({ bytesDown: state.bytesDown + instruction.length }));
      const context = done?.context ?? firstContext(joined, data);
      let last = 0;
      const result = await handle(
        lend(signal, (stage, fraction, loss) => {
          update({ stage, fraction, ...(loss !== undefined && { loss }) });
          const now = host.now();
          if (now - last < 250) return;
          last = now;
          const report = { round, stage, fraction, ...(loss !== undefined && { loss }) };
          channel.request("progress", report).catch(() => {}); // a lost report is not missed
        }),
        context,
        { round, payload: decodePayload(instruction) },
      );
      update({ phase: "uploading", stage: "upload", fraction: 0 });
      const bytes = encodePayload(result.reply.update);
      upload = { hash: await channel.putBlob(bytes, token, signal), metrics: result.reply.metrics };
      update((state) => ({ bytesUp: state.bytesUp + bytes.length }));
      await writeContext(store, key("context"), { round, upload, context: result.context });
    }
    const reply = await channel.request("upload", {
      round,
      hash: upload.hash,
      metrics: upload.metrics,
    });
    if (!reply.ok) throw new TandemError(reply.error.code as ErrorCode, reply.error.message);
    const { metrics } = upload;
    update(({ history }) => ({
      phase: "waiting",
      stage: undefined,
      fraction: 1,
      history: [
        ...history.filter((entry) => entry.round !== round),
        {
          round,
          accuracy: metrics.accuracy,
          ...(metrics["accuracy/image"] !== undefined && { image: metrics["accuracy/image"] }),
          ...(metrics["accuracy/text"] !== undefined && { text: metrics["accuracy/text"] }),
        },
      ],
    }));
  }

  channel.on("instruct", (instruction) => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    work = work
      .then(() => answer(instruction, signal))
      .catch(async (error) => {
        if (signal.aborted || ended) return;
        update({
          phase: "waiting",
          error: {
            code: error instanceof TandemError ? error.code : "unavailable",
            message: messageOf(error),
          },
        });
        const report = { round: instruction.round, message: messageOf(error).slice(0, 500) };
        await channel.request("fail", report).catch(() => {}); // offline: the deadline tells as much
      });
  });
  channel.on("status", ({ round }) => update({ round }));
  channel.on("finish", () => {
    ended = true;
    update({ phase: "finished", stage: undefined });
    end();
  });
  const ready = () => channel.request("ready", { samples: data.size, device: host.device });
  let first = true;
  channel.onConnection((online) => {
    update({ connection: online ? "online" : "offline" });
    const again = online && !first && !ended;
    first = false;
    if (again)
      join()
        .then(ready)
        .then(
          () => update({ phase: "waiting" }),
          (error) => {
            ended = true;
            update({ phase: "failed", error: { code: "unavailable", message: messageOf(error) } });
          },
        );
  });
  update({ phase: "waiting" });
  await ready();

  return {
    finished,
    async leave() {
      ended = true;
      abort.abort();
      await channel.request("leave", {}).catch(() => {}); // offline: the server has noticed
      await store.delete(key("token"));
      await store.delete(key("context"));
      channel.close();
      update({ phase: "left", stage: undefined });
      end();
    },
  };
}

/** Lends a round what it needs, once the client is known. */
function lender(
  host: SessionHost,
  joined: JoinReply,
  data: LabelledSet,
  test: LabelledSet,
  tokenizer: Tokenizer,
) {
  const strategy = host.strategy(joined.strategy, joined.strategyConfig as JsonObject);
  const trainer = host.createTrainer({ tokenizer });
  const imageSize = test.images?.shape[1] ?? 32;
  return (signal: AbortSignal, progress: ClientHost["progress"]): ClientHost => ({
    strategy,
    trainer,
    createModel: () =>
      host.createModel({
        architecture: joined.architecture,
        classes: joined.classes.length,
        vocabularySize: tokenizer.size,
        imageSize,
        seed: joined.seed,
      }),
    classes: joined.classes,
    data,
    test,
    stream: `${joined.seed}/slot-${joined.slot}`,
    signal,
    progress,
  });
}

const firstContext = (joined: JoinReply, data: LabelledSet): ClientContext => ({
  client: {
    id: joined.client,
    modality: joined.modality,
    architecture: joined.architecture,
    samples: data.size,
  },
  memory: emptyPayload,
});

type Stored = {
  readonly round: number;
  readonly upload: {
    readonly hash: Instruction["hash"];
    readonly metrics: Readonly<Record<string, number>>;
  };
  readonly context: ClientContext;
};

/** Weights, memory and the last answer, as one payload. */
async function writeContext(store: ClientStore, key: string, stored: Stored): Promise<void> {
  const { weights = {}, memory, client } = stored.context;
  const bytes = encodePayload({
    arrays: { ...addPrefix("weights/", weights), ...addPrefix("memory/", memory.arrays) },
    meta: { round: stored.round, upload: stored.upload, client, memory: memory.meta },
  });
  await store.set(key, bytes);
}

async function readContext(store: ClientStore, key: string): Promise<Stored | undefined> {
  const bytes = await store.get(key);
  if (!bytes) return undefined;
  const { arrays, meta } = decodePayload(bytes);
  const { round, upload, client, memory } = meta as unknown as Omit<Stored, "context"> & {
    readonly client: ClientContext["client"];
    readonly memory: JsonObject;
  }; // written by writeContext
  return {
    round,
    upload,
    context: {
      client,
      weights: underPrefix("weights/", arrays),
      memory: { arrays: underPrefix("memory/", arrays), meta: memory },
    },
  };
}

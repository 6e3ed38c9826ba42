import { type ClientContext, handle } from "@tandem/client/handle";
import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { withAllSteps } from "@tandem/coordinator/steps";
import { type ClientModality, type LabelledSet, modalitiesOf, subset } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type {
  ClientHalf,
  ClientInfo,
  Metrics,
  ServerEnv,
  ServerHalf,
  ServerStep,
  Update,
} from "@tandem/core/strategy";
import { createTokenizer } from "@tandem/core/tokenizer";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import { type EmojiStyle, loadEmojiStyle } from "@tandem/datasets/emoji/style";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { least } from "@tandem/strategies/fedmmkt/critics/ratios";
import type { AnyStrategy } from "@tandem/strategies/registry";
import { createTeacher } from "@tandem/teacher/teacher";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Ids that every object has a meaning for, and the architectures of a mixed and of an equal cohort.
 * Three of a modality: two numbers add to the same in any order even where three do not.
 */
const cohort = [
  ["__proto__", "image", "mlp-image", "mlp-image"],
  ["constructor", "image", "cnn-small", "mlp-image"],
  ["valueOf", "image", "mlp-image", "mlp-image"],
  ["toString", "text", "bag", "bag"],
  ["a-b_c", "text", "transformer", "bag"],
  ["hasOwnProperty", "image-text", "dual-mlp-bag", "dual-mlp-bag"],
] as const;

/** The least work in each step, by the names of fields that any strategy may have. */
const leastWork: JsonObject = {
  localEpochs: 1,
  warmUpEpochs: 0,
  items: 16,
  samplingSteps: 2,
  transferEpochs: 1,
  studentEpochs: 1,
  generatorSteps: 2,
  alignmentEpochs: 1,
  finetuneSteps: 2,
  finetuneBatch: 4,
  evaluationItems: 8,
};

export const overWire = (payload: Payload): Payload => decodePayload(encodePayload(payload));

/** What one round of the contract has produced; states and updates have crossed the wire. */
export type PlayedRound = {
  readonly before: Payload;
  readonly prepared: Payload;
  readonly updates: readonly Update[];
  readonly sent: readonly { readonly update: Payload; readonly metrics: Metrics }[];
  readonly concluded: Payload;
  readonly taught: ServerStep;
  /** Tensors that the client halves have left behind. */
  readonly leaked: number;
};

/** Two rounds of one strategy with real models, real data and, where it needs one, a real teacher. */
export type Played = {
  readonly server: ReturnType<typeof withAllSteps>;
  readonly env: (round: number, phase: string) => ServerEnv;
  readonly rounds: readonly PlayedRound[];
};

export async function createWorld() {
  await buildEmojiStyle();
  const source = await loadEmojiStyle();
  await startNodeEngine({ prefer: "wasm" });
  const teacher = await createTeacher({ threads: 1 });
  const tokenizer = createTokenizer(source.vocabulary);
  const { signal } = new AbortController();

  /** Both halves with the least work, and what a server half is given. */
  function halvesOf(strategy: AnyStrategy) {
    const fields = Object.keys((strategy.schema.properties ?? {}) as JsonObject);
    const config = Object.fromEntries(
      Object.entries(leastWork).filter(([field]) => fields.includes(field)),
    );
    const env = (round: number, phase: string): ServerEnv => ({
      round,
      classes: source.classes,
      teacher: strategy.needs.teacher ? teacher : absentTeacher,
      rng: createRng(`contract/${round}/${phase}`),
      signal,
      progress: () => {},
    });
    return { server: withAllSteps(strategy.server(config)), client: strategy.client(config), env };
  }

  const hostOf = (strategy: ClientHalf, { architecture }: ClientInfo, seed: number) => ({
    strategy,
    trainer: createTrainer({ tokenizer }),
    createModel: () =>
      createModel({
        architecture,
        classes: source.classes.length,
        vocabularySize: tokenizer.size,
        imageSize: teacher.imageSize,
        seed,
      }),
    classes: source.classes,
    stream: `contract/${seed}`,
    signal,
    progress: () => {},
  });

  async function play(strategy: AnyStrategy, roundCount: number): Promise<Played> {
    const { server, client, env } = halvesOf(strategy);
    let contexts: readonly ClientContext[] = cohort.map(([id, modality, mixed, equal], i) => ({
      client: {
        id: clientId(id),
        modality,
        architecture: strategy.needs.equalArchitectures ? equal : mixed,
        samples: 12 + i,
      },
      memory: emptyPayload,
    }));
    let state = overWire(await server.init(env(0, "init")));
    const rounds: PlayedRound[] = [];
    for (let round = 1; round <= roundCount; round++) {
      const before = state;
      const prepared = overWire((await server.prepare(state, env(round, "prepare"))).state);
      const tensors = tf.memory().numTensors;
      const answers = [];
      for (const [i, context] of contexts.entries()) {
        const host = {
          ...hostOf(client, context.client, i),
          data: lateWithCaptions(shard(source, context.client.modality, 31 * i, 12 + i)),
          test: shard(source, context.client.modality, 7, 8),
        };
        const payload = overWire(server.instruct(prepared, context.client));
        answers.push(await handle(host, context, { round, payload }));
      }
      const leaked = tf.memory().numTensors - tensors;
      contexts = answers.map(({ context }) => structuredClone(context));
      const updates = answers.map(({ reply, context }) => ({
        client: context.client,
        age: 0,
        payload: overWire(reply.update),
      }));
      const sum = sumOf(server, updates);
      const concluded = overWire(
        (await server.conclude(prepared, sum, env(round, "conclude"))).state,
      );
      const taught = await server.teach(concluded, env(round, "teach"));
      state = overWire(taught.state);
      const sent = answers.map(({ reply }) => reply);
      rounds.push({ before, prepared, updates, sent, concluded, taught, leaked });
    }
    return { server, env, rounds };
  }

  /**
   * What a client of pairs uploads in the first round, for each of these numbers of samples of the last
   * class; it has six of the first two beside, and none of the others.
   */
  async function answersWith(
    strategy: AnyStrategy,
    { server, rounds: [{ prepared }] }: Played,
    counts: readonly number[],
  ) {
    const { client } = halvesOf(strategy);
    const [id, modality, architecture] = cohort[5];
    const pairs = source.private.noto;
    const rowsOf = (label: number, count: number) =>
      [...pairs.labels.keys()].filter((row) => pairs.labels[row] === label).slice(0, count);
    const last = source.classes.length - 1;
    const uploads: Payload[] = [];
    for (const count of counts) {
      const rows = [...rowsOf(0, 6), ...rowsOf(1, 6), ...rowsOf(last, count)];
      const info = { id: clientId(id), modality, architecture, samples: rows.length };
      const data = subset(pairs, Int32Array.from(rows));
      const host = { ...hostOf(client, info, 0), data, test: data };
      const instruction = { round: 1, payload: overWire(server.instruct(prepared, info)) };
      const { reply } = await handle(host, { client: info, memory: emptyPayload }, instruction);
      uploads.push(overWire(reply.update));
    }
    return { classes: source.classes.length, uploads };
  }

  return { play, answersWith, close: () => teacher.close() };
}

export function sumOf(server: ServerHalf, updates: readonly Update[]): Payload {
  const sum = updates.reduce<Payload | undefined>(
    (accumulator, update) => server.accumulate(accumulator, update),
    undefined,
  );
  if (!sum) throw new Error("a sum needs an update");
  return sum;
}

/** Pairs are pictures alone in the first round. */
const lateWithCaptions = (set: LabelledSet): LabelledSet =>
  set.images && set.captions ? { ...set, captionsFrom: 2 } : set;

/** Rows of one vendor, of all classes and five more of one, with what a client of the modality holds. */
function shard(
  source: EmojiStyle,
  modality: ClientModality,
  from: number,
  count: number,
): LabelledSet {
  const { labels, images, captions } = source.private.noto;
  const step = Math.floor(labels.length / count);
  const spread = Array.from({ length: count }, (_, i) => (from + i * step) % labels.length);
  // Critics speak of classes of which they have seen so many.
  const alike = [...labels.keys()].filter((row) => labels[row] === labels[from]).slice(-least);
  const rows = Int32Array.of(...spread, ...alike);
  const sees = modalitiesOf(modality);
  return subset(
    {
      size: labels.length,
      labels,
      ...(sees.includes("image") && images && { images }),
      ...(sees.includes("text") && captions && { captions }),
    },
    rows,
  );
}

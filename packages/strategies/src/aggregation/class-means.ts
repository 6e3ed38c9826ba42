import { type Modality, modalitiesOf, type Presence } from "@tandem/core/data";
import type { TrainingBatch } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { FitContext, ServerHalf } from "@tandem/core/strategy";
import {
  type Arrays,
  addPrefix,
  arrayOf,
  f32,
  f64,
  type TensorOf,
  u8,
  underPrefix,
} from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { type LocalTraining, localLoss, trainLocally } from "../training/client-steps";
import { fromFixedPoint, mergeSums, toFixedPoint } from "./fixed-point";
import { rowsOf } from "./rows";
import { expectArray, expectNames, refuse } from "./upload-checks";

/** Rows (N, w) of each modality, such as a model's predictions. */
type RowsByModality = Readonly<Partial<Record<Modality, TensorOf<"f32">>>>;

/** Over the samples that have the modality: `mean/…` (C, w), zeros where the client has no sample, and `held/…` (C,). */
export function classMeans(
  rows: RowsByModality,
  labels: ArrayLike<number>,
  classes: number,
  present: Presence = {},
): Arrays {
  const arrays: Record<string, TensorOf<"f32"> | TensorOf<"u8">> = {};
  for (const modality of Object.keys(rows) as Modality[]) {
    const { shape, data } = arrayOf(rows, modality, "f32");
    const [count, width] = shape;
    const sums = new Float64Array(classes * width);
    const counts = new Float64Array(classes);
    for (let i = 0; i < count; i++) {
      if (present[modality]?.[i] === 0) continue;
      counts[labels[i]]++;
      for (let j = 0; j < width; j++) sums[labels[i] * width + j] += data[i * width + j];
    }
    const means = sums.map((sum, at) => sum / Math.max(1, counts[Math.floor(at / width)]));
    arrays[`mean/${modality}`] = f32([classes, width], means);
    arrays[`held/${modality}`] = u8([classes], Array.from(counts, Math.sign));
  }
  return arrays;
}

/** Throws unless the arrays are the class means of the modality, of this width if one is known. */
export function checkMeans(
  modality: Modality,
  arrays: Arrays,
  expected: {
    readonly classes: number;
    readonly width: number | undefined;
    readonly limit: number;
  },
): void {
  const { classes, width, limit } = expected;
  const [mean, held] = [`mean/${modality}`, `held/${modality}`];
  expectArray(held, arrays[held], { dtype: "u8", shape: [classes] });
  const given = arrays[mean].shape[1] ?? 0;
  if (width === undefined && (given < 1 || given > 1024)) refuse(`${mean} has rows of ${given}`);
  expectArray(mean, arrays[mean], { dtype: "f32", shape: [classes, width ?? given] });
  rowsOf(arrays, mean).forEach((row, c) => {
    const known = arrays[held].data[c];
    if (known > 1) refuse(`${held} must be zeros and ones`);
    // Written so that NaN is refused too.
    if (!Array.from(row).every((value) => Math.abs(value) <= known * limit))
      refuse(`row ${c} of ${mean} must be ${known ? `within ±${limit}` : "zero: it is not held"}`);
  });
}

/**
 * The server half of strategies that exchange class means: each class's is the unweighted mean over
 * the clients that hold it, one set a modality; a class that nobody answers for keeps what it had.
 */
export const classMeanServer = (options: {
  /** Largest absolute value. */
  readonly limit: number;
  /** Of a row, given C; undefined leaves it to what most clients send first. */
  readonly width: (classes: number) => number | undefined;
}): ServerHalf => ({
  init: async ({ classes }) => ({ arrays: {}, meta: { classes: classes.length } }),
  prepare: async (state) => ({ state, metrics: {} }),
  instruct: ({ arrays }, { modality }) => ({
    arrays: Object.fromEntries(
      modalitiesOf(modality)
        .flatMap((m) => [`mean/${m}`, `held/${m}`])
        .flatMap((name) => (arrays[name] ? [[name, arrays[name]]] : [])),
    ),
    meta: {},
  }),
  check({ arrays, meta }, client, update) {
    const classes = meta.classes as number; // by `init`
    const modalities = modalitiesOf(client.modality);
    expectNames(update, {
      arrays: modalities.flatMap((m) => [`mean/${m}`, `held/${m}`]),
      meta: [],
    });
    for (const modality of modalities) {
      const width = arrays[`mean/${modality}`]?.shape[1] ?? options.width(classes);
      checkMeans(modality, update.arrays, { classes, width, limit: options.limit });
    }
  },
  accumulate(accumulator, { client, payload }) {
    const parts = modalitiesOf(client.modality).map((modality): Payload => {
      const mean = payload.arrays[`mean/${modality}`];
      const group = `${modality} ${mean.shape[1]}`;
      const arrays = {
        sum: toFixedPoint(mean),
        count: f64([mean.shape[0]], payload.arrays[`held/${modality}`].data),
      };
      return { arrays: addPrefix(`${group}:`, arrays), meta: { [group]: 1 } };
    });
    return parts.reduce(mergeSums, accumulator ?? emptyPayload);
  },
  merge: mergeSums,
  async conclude(state, accumulator) {
    const arrays = { ...state.arrays };
    const answers = accumulator.meta as Readonly<Record<string, number>>; // by `accumulate`
    // What most clients hold comes last: one stray width in the first round cannot win.
    const groups = Object.keys(answers).sort((a, b) => answers[a] - answers[b] || (a < b ? -1 : 1));
    for (const group of groups) {
      const [modality] = group.split(" ");
      const { sum, count } = underPrefix(`${group}:`, accumulator.arrays);
      Object.assign(arrays, renewed(state.arrays, modality, sum, count));
    }
    return { state: { ...state, arrays }, metrics: {} };
  },
  teach: async (state) => ({ state, metrics: {} }),
});

function renewed(
  known: Arrays,
  modality: string,
  sum: Arrays[string],
  count: Arrays[string],
): Arrays {
  const [classes, width] = sum.shape;
  const mean = fromFixedPoint(sum, 1).data;
  const before = known[`mean/${modality}`]?.data ?? new Float32Array(mean.length);
  const held = known[`held/${modality}`]?.data ?? new Uint8Array(classes);
  const rows = mean.map((value, at) => {
    const answers = count.data[Math.floor(at / width)];
    return answers > 0 ? value / answers : before[at];
  });
  return {
    [`mean/${modality}`]: f32([classes, width], rows),
    [`held/${modality}`]: u8(
      [classes],
      Array.from(held, (was, c) => Number(was || count.data[c] > 0)),
    ),
  };
}

/** Means (C, w) and a 1 for each class that has one (C,). */
export type GlobalMeans = Readonly<
  Partial<Record<Modality, { readonly means: tf.Tensor2D; readonly held: tf.Tensor1D }>>
>;

/** Of the instruction; none before anybody has answered. The caller owns them. */
export const globalMeans = ({ arrays }: Payload): GlobalMeans =>
  Object.fromEntries(
    Object.keys(underPrefix("mean/", arrays)).map((modality) => {
      const { data, shape } = arrayOf(arrays, `mean/${modality}`, "f32");
      const held = Float32Array.from(arrayOf(arrays, `held/${modality}`, "u8").data);
      return [
        modality,
        { means: tf.tensor2d(data, [shape[0], shape[1]]), held: tf.tensor1d(held) },
      ];
    }),
  );

/**
 * Mean over modalities of the loss of rows (B, w) against the mean of each one's class (B, w); `held`
 * (B,) is 0 where the class has none, or the sample lacks the modality. 0 before the first means.
 */
export function towardsMeans(
  rows: Readonly<Partial<Record<Modality, tf.Tensor2D>>>,
  { labels, present }: Pick<TrainingBatch, "labels" | "present">,
  told: GlobalMeans,
  loss: (rows: tf.Tensor2D, means: tf.Tensor2D, held: tf.Tensor1D) => tf.Scalar,
): tf.Scalar {
  const losses = (Object.keys(rows) as Modality[]).flatMap((modality) => {
    const [own, known] = [rows[modality], told[modality]];
    if (!own || !known) return [];
    const there = present?.[modality];
    const held = tf.gather(known.held, labels);
    return [loss(own, tf.gather(known.means, labels), there ? tf.mul(held, there) : held)];
  });
  return losses.length > 0 ? tf.div(tf.addN(losses), losses.length) : tf.scalar(0);
}

/** How a client learns from the means of its embeddings or scores. */
type MeansPull = {
  readonly of: "z" | "logits";
  readonly weight: number;
  readonly distance: Parameters<typeof towardsMeans>[3];
};

/**
 * Local training drawn to the means of the instruction; then the client's own, by a pass of the
 * trained model, where the public codes average what they saw while it still moved.
 */
export async function learnMeans(
  context: FitContext,
  instruction: Payload,
  { config, of, weight, distance }: MeansPull & { readonly config: LocalTraining },
): Promise<{ readonly arrays: Arrays; readonly loss: number }> {
  const { model, trainer, data, classes, signal } = context;
  const told = globalMeans(instruction);
  const task = localLoss(context, config);
  try {
    const loss = await trainLocally(context, config, {
      loss: (output, batch) =>
        tf.add(
          task(output, batch),
          tf.mul(weight, towardsMeans(output[of], batch, told, distance)),
        ),
    });
    context.progress("extract", 0);
    const own = await trainer.predict(model, data, signal);
    context.progress("extract", 1);
    return { arrays: classMeans(own[of], data.labels, classes.length, data.present), loss };
  } finally {
    tf.dispose(told as tf.NamedTensorMap);
  }
}

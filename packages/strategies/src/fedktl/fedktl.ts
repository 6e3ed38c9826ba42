import { modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { FitContext, ServerHalf, Strategy } from "@tandem/core/strategy";
import { addPrefix, arrayOf, f32, sizeOf, underPrefix } from "@tandem/core/tensor";
import { imageTensor, matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { checkMeans, meansOutline } from "../aggregation/class-mean-server";
import { sharedClassMeans } from "../aggregation/class-means";
import { keepUpload, keptUploads, union } from "../aggregation/kept-uploads";
import { matrix, normalise, rowsOf } from "../aggregation/rows";
import { refuse } from "../aggregation/upload-checks";
import { integer, localTraining, real, syntheticSet } from "../config-fields";
import {
  evaluateOnTest,
  localLoss,
  logPriors,
  meanOverHeads,
  trainLocally,
} from "../training/client-steps";
import { initialNet } from "../training/small-net";
import { align, type Prototype } from "./alignment";
import { arcFace } from "./losses";

const config = z.strictObject({
  ...localTraining,
  samplingSteps: syntheticSet.samplingSteps,
  transferWeight: real(
    { value: 50, from: 0, to: 1000 },
    "Weight of transfer",
    "How much a client learns to tell a picture's start noise from the picture (μ). 0: not at all.",
  ),
  alignmentEpochs: integer(
    { value: 100, from: 0, to: 1000 },
    "Alignment epochs",
    "How often the server's small net goes through the prototypes in each round.",
  ),
  alignmentRate: real(
    { value: 0.01, from: 0.00001, to: 1 },
    "Alignment rate",
    "Step size of the training of the server's small net (Adam).",
  ),
  centroidWeight: real(
    { value: 1, from: 0, to: 100 },
    "Weight of centroids",
    "How closely the start noise of one class keeps together (λ).",
  ),
});
type FedktlConfig = z.infer<typeof config>;

/**
 * Prototypes up; one picture a class down, painted from the start noise that a small net makes of the
 * prototypes; clients learn to regress that noise. With our teacher for Stable Diffusion the latent is
 * its start noise, the prompt is empty and nothing steers. Ours besides: the embedding z stands for the
 * features, Adam without clipping for SGD, and who reads only captions gives but gets no pictures.
 */
export const fedktl: Strategy<FedktlConfig> = {
  name: "fedktl",
  title: "FedKTL",
  summary:
    "Clients upload class prototypes; the server turns them into start noise, paints one picture a class from it, and clients learn to recognise the noise.",
  source: "Zhang et al., CVPR 2024, arXiv 2403.15760 (https://github.com/TsingZ0/FedKTL)",
  disclosure:
    "For each class of which you hold five samples or more: the mean direction of your model's class scores over these, a number for each class, and with it which classes these are. Your model's weights stay.",
  needs: {
    teacher: true,
    equalArchitectures: false,
    modalities: ["image", "text"],
    readsPixels: true,
    trainsOnServer: true,
  },
  config,
  server: fedktlServer,
  client: (config) => ({
    async fit(context, instruction) {
      const { model, trainer, data, classes, signal } = context;
      const lesson = noiseRegression(context, instruction);
      const priors = config.logitAdjustment ? logPriors(data, classes.length) : {};
      const task = localLoss(
        context,
        config,
        meanOverHeads((h, labels, { modality, present }) =>
          arcFace(h, labels, { prior: priors[modality], present }),
        ),
      );
      try {
        const loss = await trainLocally(context, config, {
          loss: (output, batch) => {
            const own = task(output, batch);
            if (!lesson) return own;
            return tf.add(own, tf.mul(config.transferWeight, regression(context, lesson)));
          },
          ...(lesson && { variables: [lesson.weight, lesson.bias] }),
        });
        context.progress("extract", 0);
        const { logits } = await trainer.predict(model, data, signal);
        context.progress("extract", 1);
        const unit = Object.fromEntries(
          modalitiesOf(model.modality).map((modality) => [
            modality,
            matrix(rowsOf(logits, modality).map(normalise)),
          ]),
        );
        const means = sharedClassMeans(unit, data, classes.length);
        const prototypes = Object.fromEntries(
          Object.keys(underPrefix("mean/", means)).map((modality) => [
            `mean/${modality}`,
            matrix(rowsOf(means, `mean/${modality}`).map(normalise)),
          ]),
        );
        return {
          update: { arrays: { ...means, ...prototypes }, meta: {} },
          memory: emptyPayload,
          metrics: { loss, ...(await evaluateOnTest(context)) },
        };
      } finally {
        tf.dispose(lesson as tf.NamedTensorMap | undefined);
      }
    },
  }),
};

/** The class's pictures (C, h, w, 3), their noise (C, L), and the layer (d, L) that regresses it. */
type NoiseRegression = {
  readonly images: tf.Tensor4D;
  readonly latents: tf.Tensor2D;
  readonly weight: tf.Variable;
  readonly bias: tf.Variable;
};

/** Of the instruction; none before the first pictures, or without eyes. The caller owns it. */
function noiseRegression(
  { model }: FitContext,
  { arrays, meta }: Payload,
): NoiseRegression | undefined {
  if (!arrays.images) return undefined;
  const images = arrayOf(arrays, "images", "u8");
  const latents = arrayOf(arrays, "latents", "f32");
  const [, size] = latents.shape;
  // As in the code the layer is never kept: every client starts it anew from the same values.
  const rng = createRng(`projection/${String(meta.seed)}`);
  const bound = 1 / Math.sqrt(model.dimension);
  const uniform = (length: number) =>
    Float32Array.from({ length }, () => (2 * rng.uniform() - 1) * bound);
  return tf.tidy(() => ({
    images: tf.keep(tf.div(imageTensor(images), 255)),
    latents: tf.keep(matrixTensor(latents)),
    weight: tf.variable(tf.tensor2d(uniform(model.dimension * size), [model.dimension, size])),
    bias: tf.variable(tf.tensor1d(uniform(size))),
  }));
}

/** Mean square of what the layer says of the pictures' embeddings against their noise. */
function regression(
  { model }: FitContext,
  { images, latents, weight, bias }: NoiseRegression,
): tf.Scalar {
  const { image } = model.forward({ image: images }).z;
  if (!image) throw new Error("the model does not answer for image");
  const said = tf.add(tf.matMul(image, weight as tf.Tensor as tf.Tensor2D), bias);
  return tf.mean(tf.squaredDifference(said, latents));
}

/** State: `net/…` the net, `centroids` (C, L) the classes' noise, `images` painted from it. */
function fedktlServer(config: FedktlConfig): ServerHalf {
  return {
    async init({ classes, teacher, rng }) {
      const size = latentSize(teacher.abilities.noiseShape);
      const normal = rng.fork("centroids");
      const values = Float32Array.from({ length: classes.length * size }, () => normal.normal());
      const net = initialNet(
        { inputs: classes.length, hidden: classes.length, outputs: size },
        rng.fork("net"),
      );
      return {
        arrays: { ...addPrefix("net/", net), centroids: f32([classes.length, size], values) },
        meta: { classes: [...classes], seed: rng.fork("projection").integer(2 ** 31) },
        encoding: { images: "png" },
      };
    },
    instruct({ arrays, meta }, { modality }) {
      if (!arrays.images || !modalitiesOf(modality).includes("image")) return emptyPayload;
      return {
        arrays: { images: arrays.images, latents: arrays.centroids },
        meta: { seed: meta.seed },
        encoding: { images: "png", latents: "f16" },
      };
    },
    outline({ meta }, { modality }) {
      const classes = classesOf(meta).length;
      const means = modalitiesOf(modality).map((m) => meansOutline(m, { classes, width: classes }));
      return { arrays: Object.assign({}, ...means), meta: {} };
    },
    check(client, update) {
      for (const modality of modalitiesOf(client.modality)) {
        checkMeans(modality, update.arrays, 1.001);
        rowsOf(update.arrays, `mean/${modality}`).forEach((row, c) => {
          const length = Math.hypot(...Array.from(row));
          if (Math.abs(length - update.arrays[`held/${modality}`].data[c]) > 0.01)
            refuse(`prototype ${c} of ${modality} has length ${length.toFixed(3)}, not 1`);
        });
      }
    },
    keeps: { part: "all", what: "every prototype: the server learns from each" },
    accumulate: keepUpload,
    merge: union,
    conclude: (state, accumulator, env) => align(config, state, prototypesOf(accumulator), env),
    async teach(state, { teacher, rng, signal, progress }) {
      const { noiseShape = [] } = teacher.abilities;
      const { data } = arrayOf(state.arrays, "centroids", "f32");
      const count = classesOf(state.meta).length;
      const images = await teacher.generate(
        {
          prompts: new Array<string>(count).fill(""),
          seed: rng.fork("painting").integer(2 ** 31),
          steps: config.samplingSteps,
          guidance: 1,
          noise: f32([count, ...noiseShape], data),
        },
        { signal, progress },
      );
      return { state: { ...state, arrays: { ...state.arrays, images } }, metrics: {} };
    },
    gallery: ({ arrays, meta }) =>
      arrays.images && {
        images: "images",
        items: classesOf(meta).map((name, label) => ({ prompt: name, label })),
      },
  };
}

const classesOf = (meta: Payload["meta"]) => meta.classes as readonly string[]; // by `init`

const prototypesOf = (accumulator: Payload): readonly Prototype[] =>
  keptUploads(accumulator).flatMap(({ uploader, arrays }) =>
    modalitiesOf(uploader.modality).flatMap((modality) =>
      rowsOf(arrays, `mean/${modality}`).flatMap((row, label) =>
        arrays[`held/${modality}`].data[label] ? [{ row, label }] : [],
      ),
    ),
  );

function latentSize(shape: readonly number[] | undefined): number {
  if (shape) return sizeOf(shape);
  throw new TandemError(
    "not-supported",
    "FedKTL chooses the start noise of pictures, and this teacher takes none: use a model folder as teacher, or another strategy.",
  );
}

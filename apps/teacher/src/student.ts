import { concatenate, type LabelledSet, type Modality } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { checkAllFinite } from "@tandem/core/finite";
import type { ModelOutput, TrainingBatch } from "@tandem/core/model";
import { createRng } from "@tandem/core/rng";
import type { DistilRequest, EncodeRequest, Encoding, TaskOptions } from "@tandem/core/teacher";
import type { Arrays, TensorOf } from "@tandem/core/tensor";
import { createTokenizer, type Vocabulary } from "@tandem/core/tokenizer";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import * as tf from "@tensorflow/tfjs-core";

/** The server's dual encoder: weights in, weights out. Needs a tfjs backend. */
export function createStudent(options: {
  readonly classes: number;
  readonly vocabulary: Vocabulary;
  /** Public samples with the captions that clients see. */
  readonly publicSet: LabelledSet;
  readonly imageSize: number;
}) {
  const tokenizer = createTokenizer(options.vocabulary);
  const trainer = createTrainer({ tokenizer });
  const model = (seed: number) =>
    createModel({
      architecture: "dual-cnn-bag",
      classes: options.classes,
      vocabularySize: tokenizer.size,
      imageSize: options.imageSize,
      seed,
    });

  async function encode(
    { student, images, captions }: EncodeRequest,
    { signal }: TaskOptions = {},
  ): Promise<Encoding> {
    const size = images?.shape[0] ?? captions?.length ?? 0;
    const encoder = model(0);
    try {
      encoder.load(student);
      const set = {
        size,
        labels: new Int32Array(size),
        ...(images && { images }),
        ...(captions && { captions }),
      };
      const { z, logits } = await trainer.predict(encoder, set, signal);
      const of = (modality: Modality) => {
        const [rows, scores] = [z[modality], logits[modality]];
        if (!rows || !scores) return {};
        checkAllFinite(`the student's answer on ${modality}`, { z: rows, logits: scores }, broken);
        return { [modality]: { z: rows, logits: scores } };
      };
      return { ...of("image"), ...of("text") };
    } finally {
      encoder.dispose();
    }
  }

  /** Task loss and pair contrast on public samples; on synthetic ones also what was aggregated. */
  async function distil(
    request: DistilRequest,
    task: TaskOptions = {},
  ): Promise<{ readonly student: Arrays; readonly loss: number }> {
    const { student, knowledge, epochs, learningRate, seed } = request;
    const { publicSet } = options;
    if (knowledge) checkRows(knowledge);
    const synthetic: LabelledSet | undefined = knowledge && {
      size: knowledge.captions.length,
      labels: new Int32Array(knowledge.captions.length),
      images: knowledge.images,
      captions: knowledge.captions,
    };
    const set = synthetic ? concatenate([publicSet, synthetic]) : publicSet;
    const learner = model(seed);
    try {
      if (student) learner.load(student);
      const { loss } = await trainer.train({
        model: learner,
        set,
        epochs,
        batchSize: 64,
        learningRate,
        rng: createRng(`student/${seed}`),
        loss: (output, batch) => studentLoss(output, batch, publicSet.size, knowledge),
        onBatch: (done, total) => task.progress?.(done / total, "teaching the student"),
        ...(task.signal && { signal: task.signal }),
      });
      const weights = await learner.weights();
      checkAllFinite("the student's", weights, "its training has diverged");
      return { student: weights, loss };
    } finally {
      learner.dispose();
    }
  }

  return { encode, distil };
}

const broken = "its weights are broken";

function checkRows(knowledge: NonNullable<DistilRequest["knowledge"]>): void {
  const rows = knowledge.captions.length;
  const { images, imageTarget, textTarget, probabilities, weights } = knowledge;
  const counts = { weights: weights.length } as Record<string, number>;
  for (const [name, { shape }] of Object.entries({
    images,
    imageTarget,
    textTarget,
    probabilities,
  }))
    counts[name] = shape[0];
  for (const [name, count] of Object.entries(counts))
    if (count !== rows)
      throw new TandemError("bad-data", `knowledge has ${rows} captions but ${count} ${name}`);
}

const contrastTemperature = 0.2;

/** Rows below `real` are public samples with labels, the others synthetic with knowledge. */
function studentLoss(
  { z, logits }: ModelOutput,
  batch: TrainingBatch,
  real: number,
  knowledge: DistilRequest["knowledge"],
): tf.Scalar {
  if (!z.image || !z.text || !logits.image || !logits.text) throw new Error("pairs are needed");
  const isReal = Float32Array.from(batch.indices, (row) => (row < real ? 1 : 0));
  const weights = Float32Array.from(batch.indices, (row) =>
    row < real ? 0 : (knowledge?.weights[row - real] ?? 0),
  );
  const rowsOf = (source: TensorOf<"f32"> | undefined, width: number) => {
    const data = new Float32Array(batch.indices.length * width);
    batch.indices.forEach((row, i) => {
      if (row >= real && source)
        data.set(source.data.subarray((row - real) * width, (row - real + 1) * width), i * width);
    });
    return tf.tensor2d(data, [batch.indices.length, width]);
  };
  const [batchSize, classes] = logits.image.shape;
  const hot = tf.cast(tf.oneHot(batch.labels, classes), "float32");
  const target = tf.add(
    tf.mul(hot, tf.expandDims(tf.tensor1d(isReal), 1)),
    tf.mul(rowsOf(knowledge?.probabilities, classes), tf.expandDims(tf.tensor1d(weights), 1)),
  );
  const labelled = (scores: tf.Tensor2D) =>
    tf.neg(tf.div(tf.sum(tf.mul(target, tf.logSoftmax(scores))), batchSize));
  const scores = tf.div(tf.matMul(z.image, tf.transpose(z.text)), contrastTemperature); // (B, B)
  const own = tf.eye(batchSize);
  const contrast = (rows: tf.Tensor) =>
    tf.neg(tf.div(tf.sum(tf.mul(own, tf.logSoftmax(rows as tf.Tensor2D))), batchSize));
  const towards = (rows: tf.Tensor2D, fused: TensorOf<"f32"> | undefined) =>
    tf.div(
      tf.sum(
        tf.mul(
          tf.expandDims(tf.tensor1d(weights), 1),
          tf.square(tf.sub(rows, rowsOf(fused, rows.shape[1]))),
        ),
      ),
      batchSize,
    );
  return tf.addN([
    labelled(logits.image),
    labelled(logits.text),
    tf.mul(0.25, tf.add(contrast(scores), contrast(tf.transpose(scores)))),
    tf.mul(
      0.3,
      tf.add(towards(z.image, knowledge?.imageTarget), towards(z.text, knowledge?.textTarget)),
    ),
  ]) as tf.Scalar;
}

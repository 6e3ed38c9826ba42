import type { ModelOutput } from "@tandem/core/model";
import { selfTest } from "@tandem/engine/self-test";
import { architectures, createModel } from "@tandem/models/registry";
import {
  crossEntropy,
  gatedDistillation,
  interModalContrast,
  intraModalContrast,
  weightedCrossEntropy,
} from "@tandem/strategies/training/losses";
import * as tf from "@tensorflow/tfjs-core";

/** What one backend computes: values by "architecture/what", and how it fared otherwise. */
export type Probe = {
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly selfTestError: number;
  readonly leakedTensors: number;
};

const [batch, side, words, classes, dimension] = [3, 16, 6, 4, 64];
const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));

/**
 * Outputs, loss and gradients of every client architecture on a batch with padded captions, by the
 * present backend. The loss holds every term that clients train with.
 */
export async function probe(): Promise<Probe> {
  const values: Record<string, readonly number[]> = {};
  const before = tf.memory().numTensors;
  for (const { name } of architectures) {
    const model = createModel({
      architecture: name,
      classes,
      dimension,
      vocabularySize: 32,
      imageSize: side,
      seed: 7,
    });
    const results: Record<string, tf.Tensor> = tf.tidy(() => {
      const bytes = Uint8Array.from({ length: batch * side * side * 3 }, (_, i) => (i * 97) % 256);
      const image = tf.div(
        tf.tensor4d(bytes, [batch, side, side, 3], "float32"),
        255,
      ) as tf.Tensor4D;
      const ids = [5, 9, 31, 2, 0, 0, 7, 7, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6];
      const tokens = tf.tensor2d(ids, [batch, words], "int32");
      const forward = () => model.forward({ image, tokens });
      const { value, grads } = tf.variableGrads(
        () => loss(forward()),
        Object.values(model.variables),
      );
      const { z, logits } = forward();
      const named = (kind: string, tensors: Readonly<Record<string, tf.Tensor>>) =>
        Object.fromEntries(Object.entries(tensors).map(([key, one]) => [`${kind}/${key}`, one]));
      const gradients = Object.entries(model.variables).map(
        ([key, variable]) => [key, grads[variable.name]] as const,
      );
      return {
        loss: value,
        ...named("z", z),
        ...named("logits", logits),
        ...named("gradient", Object.fromEntries(gradients)),
      };
    });
    for (const [what, tensor] of Object.entries(results)) {
      values[`${name}/${what}`] = Array.from(await tensor.data());
      tensor.dispose();
    }
    model.dispose();
  }
  const leakedTensors = tf.memory().numTensors - before;
  return { values, selfTestError: await selfTest(), leakedTensors };
}

function loss({ z, logits }: ModelOutput): tf.Scalar {
  const labels = tf.tensor1d([0, 3, 1], "int32");
  const target = tf.softmax(tf.tensor2d(wave(batch * classes, 1), [batch, classes])) as tf.Tensor2D;
  const unit = (phase: number, rows: number) => {
    const x = tf.tensor2d(wave(rows * dimension, phase), [rows, dimension]);
    return tf.div(x, tf.norm(x, 2, -1, true)) as tf.Tensor2D;
  };
  const others = unit(2, 5);
  const groups = tf.tensor1d([0, 1, 3, 3, 1], "int32");
  const same = tf.equal(tf.expandDims(labels, 1), tf.expandDims(groups, 0));
  const positives = tf.cast(same, "float32") as tf.Tensor2D;
  const rows = tf.tensor1d([4, 0, 2], "int32");
  const accepted = tf.tensor1d([1, 0, 1]);
  const confidence = tf.tensor1d([0.9, 0.4, 0.7]);
  const terms = (["image", "text"] as const).flatMap((modality) => {
    const [own, scores] = [z[modality], logits[modality]];
    if (!own || !scores) return [];
    return [
      crossEntropy(scores, labels),
      gatedDistillation(scores, target, labels, confidence, 2),
      weightedCrossEntropy(scores, labels, accepted, 0.1),
      interModalContrast(own, others, positives, 0.5),
      intraModalContrast(own, tf.gather(others, rows), unit(3, batch), 0.5),
    ];
  });
  return tf.addN(terms) as tf.Scalar;
}

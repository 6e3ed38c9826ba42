import { subset } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { architectures, broughtArchitectures, createModel } from "./registry";
import { createTrainer } from "./trainer";

const tokenizer = createTokenizer({ words: ["red", "blue", "round", "square"], buckets: 8 });
const featureSize = 6;
const options = { featureSize, classes: 2, vocabularySize: tokenizer.size, imageSize: 16, seed: 7 };
const trainer = createTrainer({ tokenizer });

/** Class 0 is red and round, class 1 blue and square. */
const set = (() => {
  const size = 24;
  const labels = Int32Array.from({ length: size }, (_, i) => i % 2);
  const rng = createRng(1);
  const data = Uint8Array.from({ length: size * 16 * 16 * 3 }, (_, at) => {
    const [label, channel] = [Math.floor(at / 768) % 2, at % 3];
    return channel === label * 2 ? 200 + rng.integer(50) : rng.integer(80);
  });
  return {
    size,
    labels,
    images: { dtype: "u8", shape: [size, 16, 16, 3], data } as const,
    features: f32(
      [size, featureSize],
      Float32Array.from({ length: size * featureSize }, (_, at) => {
        const label = Math.floor(at / featureSize) % 2;
        return (at % 2 === label ? 2 : 1) + rng.uniform();
      }),
    ),
    captions: Array.from(labels, (label) => (label ? "blue square thing" : "red round")),
  };
})();

const loss = (
  output: ReturnType<ReturnType<typeof createModel>["forward"]>,
  batch: { labels: tf.Tensor1D },
) =>
  tf.addN(
    Object.values(output.logits).map((logits) =>
      tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(batch.labels, 2), tf.logSoftmax(logits)), -1))),
    ),
  ) as tf.Scalar;

const fit = (model: ReturnType<typeof createModel>, epochs: number) =>
  trainer.train({ model, set, epochs, batchSize: 8, learningRate: 0.01, rng: createRng(2), loss });

beforeAll(async () => {
  await startNodeEngine();
});

const all = [...architectures, ...broughtArchitectures.filter(({ needs }) => needs === "features")];

describe.each(all)("$name", ({ name, modality }) => {
  it("gives unit rows, learns, comes back from its weights, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const model = createModel({ ...options, architecture: name });
    const again = createModel({ ...options, architecture: name });
    expect(await model.weights()).toEqual(await again.weights());
    const first = await trainer.predict(model, set);
    expect(Object.keys(first.z)).toEqual(
      modality === "image-text" ? ["image", "text"] : [modality],
    );
    for (const { data, shape } of Object.values(first.z)) {
      expect(shape).toEqual([24, 64]);
      expect(Math.hypot(...data.subarray(0, 64))).toBeCloseTo(1, 4);
    }
    const early = await fit(model, 1);
    const late = await fit(model, 4);
    expect(late.loss).toBeLessThan(early.loss * 0.8);
    again.load(await model.weights());
    expect(await trainer.predict(again, set)).toEqual(await trainer.predict(model, set));
    model.dispose();
    again.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(architectures.filter(({ encoders }) => encoders.image))("$name", ({ name }) => {
  it("reads pictures of 16 and of 32 pixels into rows of the same width", () => {
    for (const imageSize of [16, 32]) {
      const model = createModel({ ...options, imageSize, architecture: name });
      const [z, logits] = tf.tidy(() => {
        const image = tf.zeros([3, imageSize, imageSize, 3]) as tf.Tensor4D;
        const output = model.forward({ image });
        return [output.z.image?.shape, output.logits.image?.shape];
      });
      expect([z, logits]).toEqual([
        [3, 64],
        [3, 2],
      ]);
      model.dispose();
    }
  });
});

describe.each(all)("$name", ({ name }) => {
  it("has the gradient that small steps along it show", async () => {
    const model = createModel({ ...options, architecture: name });
    const start = await model.weights();
    const { images, features, captions } = subset(set, Int32Array.of(0, 1, 2, 3));
    const cost = () => {
      const pixels = tf.tensor4d(images?.data ?? [], [4, 16, 16, 3], "float32");
      const ids = tokenizer.encode(captions ?? []);
      const input = {
        image: tf.div(pixels, 255) as tf.Tensor4D,
        features: tf.tensor2d(features?.data ?? [], [4, featureSize]),
        tokens: tf.tensor2d(ids, [4, tokenizer.length], "int32"),
      };
      return loss(model.forward(input), { labels: tf.tensor1d([0, 1, 1, 0], "int32") });
    };
    const entries = tf.tidy(() => {
      const { grads } = tf.variableGrads(cost);
      return Object.entries(model.variables).map(([key, variable]) => {
        const gradient = grads[variable.name]; // none for the projector, which the loss leaves out
        return [key, Float32Array.from(gradient?.dataSync() ?? new Float32Array(variable.size))];
      });
    });
    const gradients: Readonly<Record<string, Float32Array>> = Object.fromEntries(entries);
    const norm = Math.hypot(...Object.values(gradients).map((g) => Math.hypot(...g)));
    const along = (by: number) => {
      const moved = Object.entries(start).map(([key, { shape, data }]) => {
        const values = Float32Array.from(data, (x, i) => x + (by * gradients[key][i]) / norm);
        return [key, f32(shape, values)];
      });
      model.load(Object.fromEntries(moved));
      return tf.tidy(() => cost().dataSync()[0]);
    };
    const step = 2e-3;
    const slope = (along(step) - along(-step)) / (2 * step);
    expect(Math.abs(slope / norm - 1)).toBeLessThan(0.02); // rounding, and ReLUs on the way
    model.dispose();
  });
});

it("has a temperature only where pairs are to be matched", async () => {
  const namesOf = (architecture: string, task: "classification" | "retrieval" | "both") => {
    const model = createModel({ ...options, architecture, task });
    const { task: own, variables } = model;
    const temperature = variables["retrieval.logTemperature"]?.dataSync()[0];
    model.dispose();
    return [own, temperature && Math.exp(temperature)];
  };
  expect(namesOf("dual-mlp-bag", "classification")).toEqual(["classification", undefined]);
  expect(namesOf("dual-mlp-bag", "both")).toEqual(["both", expect.closeTo(0.07, 6)]);
  expect(namesOf("bag", "retrieval")).toEqual(["classification", undefined]);
});

it("refuses weights that are missing, surplus or of another shape, naming them", async () => {
  const model = createModel({ ...options, architecture: "bag" });
  const weights = await model.weights();
  const { "text.dense.bias": bias, ...rest } = weights;
  expect(() => model.load(rest)).toThrow(/"text.dense.bias" is missing/);
  expect(() => model.load({ ...weights, extra: bias })).toThrow(/"extra" is surplus/);
  expect(() => model.load({ ...weights, "text.dense.bias": f32([1], [0]) })).toThrow(
    /\[1\], not \[64\]/,
  );
  model.dispose();
});

it("keeps the number of tensors flat over 50 rounds", async () => {
  const model = createModel({ ...options, architecture: "dual-cnn-bag" });
  const round = async () => {
    await fit(model, 1);
    await trainer.predict(model, set);
    model.load(await model.weights());
  };
  await round();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 50; i++) await round();
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it("stops at a cancel", async () => {
  const model = createModel({ ...options, architecture: "bag" });
  const abort = new AbortController();
  const running = trainer.train({
    model,
    set,
    epochs: 100,
    batchSize: 8,
    learningRate: 0.01,
    rng: createRng(2),
    loss,
    signal: abort.signal,
    onBatch: () => abort.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  model.dispose();
});

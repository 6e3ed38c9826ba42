import { createRng } from "@tandem/core/rng";
import type { RewardRequest } from "@tandem/core/teacher";
import { type Arrays, f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { compile, floats, type Values, value } from "@tandem/graph/onnx-session";
import { input } from "@tandem/graph/tensor";
import { createModel } from "@tandem/models/registry";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createSource } from "../models/source";
import { createPainter } from "../painters/painter";
import { estimates } from "../schedulers/scheduler";
import { fillZeros, twoColours } from "../testing/two-colours";
import { traceObjective } from "./objective";
import { createRewardSteps, originalOf, traceReward } from "./reward-steps";
import { traceStudent } from "./reward-student";

const side = 8;
const rng = createRng("reward test");
const model = twoColours({ side });
fillZeros(model.weights, () => rng.normal() / 10);

const studentOf = (architecture: string, seed: number, imageSize = side) =>
  createModel({ architecture, classes: 2, dimension: 4, vocabularySize: 4, imageSize, seed });
const reward: RewardRequest = {
  every: 1,
  atMost: 1000,
  scale: 1,
  samplingSteps: 1,
  prompts: ["red", "blue"],
  labels: [0, 1],
  students: [],
};
let students: RewardRequest["students"];
beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
  students = await Promise.all(
    [1, 2].map(async (seed) => ({
      weights: await studentOf("dual-cnn-bag", seed).weights(),
      texts: f32([2, 4], [1, 0, 0, 0, 0, 1, 0, 0]),
    })),
  );
});

describe("a student as a graph", () => {
  // At 12 pixels the last convolution sees 3 x 3.
  it.each([8, 12])("says of pictures of %i pixels what its model does", async (size) => {
    const student = studentOf("dual-cnn-bag", 5, size);
    const given = await student.weights();
    const pixels = Float32Array.from({ length: 2 * size * size * 3 }, () => rng.uniform());
    const expected = tf.tidy(() => {
      const { z, logits } = student.forward({ image: tf.tensor4d(pixels, [2, size, size, 3]) });
      return [z.image, logits.image].map((rows) => [...(rows as tf.Tensor2D).dataSync()]);
    });
    const planes = tf.tidy(() =>
      tf.transpose(tf.sub(tf.mul(tf.tensor4d(pixels, [2, size, size, 3]), 2), 1), [0, 3, 1, 2]),
    );
    const outputs = traceStudent(createSource(), given, input("planes", [2, 3, size, size]));
    const session = await compile(outputs);
    const results = await session.run({
      planes: value((await planes.data()) as Float32Array, [2, 3, size, size]),
      ...valuesOf(given, session.inputs),
    });
    [results.z, results.logits].forEach((rows, i) => {
      floats(rows).forEach((number, at) => {
        expect(number).toBeCloseTo(expected[i][at], 4);
      });
    });
    await session.release();
  });

  it("of another kind is refused", async () => {
    const given = await studentOf("dual-mlp-bag", 1).weights();
    expect(() => traceStudent(createSource(), given, input("planes", [1, 3, 8, 8]))).toThrow(
      /no "image\.conv0\.weight"/,
    );
  });
});

const valuesOf = (arrays: Arrays, names: readonly string[]): Values =>
  Object.fromEntries(
    names.flatMap((name) =>
      name in arrays ? [[name, value(arrays[name].data as Float32Array, arrays[name].shape)]] : [],
    ),
  );

it("r = log softmax(o)[y] + ½ z·t + ½ z·μ: log ¾ + ½ 0.6 + ½ 0.8", async () => {
  const shape = (name: string) => input(name, [1, 2]);
  const traced = traceReward(
    { z: shape("z"), logits: shape("logits") },
    { classes: shape("classes"), text: shape("text"), prototype: shape("prototype") },
  );
  const session = await compile({ traced });
  const row = (...numbers: readonly number[]) => value(Float32Array.from(numbers), [1, 2]);
  const { traced: found } = await session.run({
    z: row(0.6, 0.8),
    logits: row(0, Math.log(3)),
    classes: row(0, 1),
    text: row(1, 0),
    prototype: row(0, 1),
  });
  expect(floats(found)[0]).toBeCloseTo(Math.log(0.75) + 0.7, 6);
  await session.release();
});

it.each(["epsilon", "v_prediction", "sample"] as const)(
  "x_0 of %s as the samplers have it",
  (type) => {
    const [output, sample] = [Float32Array.of(0.3), Float32Array.of(-0.7)];
    const [a, b] = originalOf(type, [0.8, 0.6]);
    const { original } = estimates(type, { output, sample }, [0.8, 0.6]);
    expect(a * sample[0] + b * output[0]).toBeCloseTo(original[0], 6);
  },
);

it("x_0 of a flow: x = 0.6 x_0 + 0.4 ε and p = ε - x_0", () => {
  const [a, b] = originalOf("flow", [0.6, 0.4]);
  expect(a * (0.6 * 2 + 0.4 * 5) + b * (5 - 2)).toBeCloseTo(2, 9);
});

const lora = { rank: 2, targets: (module: string) => /attn[12]\.to_|class_embedding/.test(module) };
async function stepsFor(more: Partial<RewardRequest>) {
  const { layout } = traceObjective(model, {
    shape: { batch: 2, length: model.tokenizer.length, latents: [12, 4, 4] },
    lora,
    trained: (name) => /\.lora_[AB]\.weight$/.test(name),
    nearBase: false,
  });
  const steps = await createRewardSteps(
    model,
    { ...reward, students, ...more },
    { lora, layout, batchSize: 2, latents: [12, 4, 4], weights: model.weights },
  );
  const count = layout.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return { steps, vector: Float32Array.from({ length: count }, (_, i) => Math.sin(i * 7) / 10) };
}

describe("the gradient", () => {
  it("through picture, decoder and U-Net is what differences say", async () => {
    const { steps, vector } = await stepsFor({ prototypes: f32([2, 4], [0, 0, 1, 0, 0, 0, 0, 1]) });
    const at = (data: Float32Array) =>
      steps.gradient(value(data, [data.length]), createRng("the same pictures"));
    const exact = floats((await at(vector)).gradient);
    const direction = exact.map((g) => g / Math.hypot(...exact));
    const moved = async (by: number) =>
      (await at(vector.map((x, i) => x + by * direction[i]))).loss;
    const slope = ((await moved(1e-2)) - (await moved(-1e-2))) / 2e-2;
    expect(slope).toBeGreaterThan(0);
    expect(slope / Math.hypot(...exact)).toBeCloseTo(1, 1);
    await steps.close();
  });

  it("is of the student that is least content", async () => {
    const vectorLoss = async (own: RewardRequest["students"]) => {
      const { steps, vector } = await stepsFor({ students: own });
      const { loss } = await steps.gradient(value(vector, [vector.length]), createRng("x"));
      await steps.close();
      return loss;
    };
    const [first, second] = students;
    const sure = (label: number, student: RewardRequest["students"][number]) => ({
      ...student,
      weights: {
        ...student.weights,
        "image.head.weight": f32([64, 2], new Float32Array(128)),
        "image.head.bias": f32([2], [label === 0 ? 9 : 0, label === 1 ? 9 : 0]),
      },
    });
    const both = await vectorLoss([first, second]);
    expect(both).toBeGreaterThanOrEqual(
      Math.max(await vectorLoss([first]), await vectorLoss([second])) - 1e-6,
    );
    // Sure of class 0: -9 of a picture of class 1.
    expect(await vectorLoss([first, sure(0, second)])).toBeGreaterThan(both);
  });
});

it("steps with a reward are every so many, up to a number", async () => {
  const { steps } = await stepsFor({ every: 4, atMost: 2 });
  expect([3, 4, 5, 8, 12].map((step) => steps.isAt(step))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  await steps.close();
});

it("a painter learns what the students like, mixed with its samples, and repeats it to the bit", async () => {
  const painter = createPainter({ model });
  const content = { weights: students[0].weights, texts: f32([1, 4], [1, 0, 0, 0]) };
  const request = {
    rank: 4,
    samples: {
      images: u8([1, side, side, 3], new Uint8Array(3 * side * side)),
      captions: ["red"],
      weights: [1],
    },
    replay: { share: 0, rows: [] },
    steps: 40,
    batchSize: 8,
    learningRate: 3e-2,
    seed: 1,
    reward: { ...reward, samplingSteps: 2, prompts: ["red"], labels: [0], students: [content] },
  };
  const { losses, adapter } = await painter.finetune(request);
  const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
  expect(mean(losses.slice(-15))).toBeLessThan(mean(losses.slice(0, 15)) - 0.2);
  expect(await painter.finetune(request)).toEqual({ losses, adapter });
  const rare = { ...request, steps: 2, reward: { ...request.reward, every: 2 } };
  const { reward: _, ...plain } = rare;
  const [mixed, alone] = [await painter.finetune(rare), await painter.finetune(plain)];
  expect(mixed.losses[0]).toBe(alone.losses[0]);
  expect(mixed.losses[1]).not.toBe(alone.losses[1]);
  await painter.close();
});

it.each<[string, Partial<RewardRequest>, RegExp]>([
  ["no prompt", { prompts: [] }, /give prompts and students/],
  ["a label too few", { labels: [0] }, /1 labels of 2 prompts/],
  ["a class that is none", { labels: [0, 2] }, /not among the students' 2 classes/],
  [
    "prototypes of another width",
    { prototypes: f32([2, 3], new Float32Array(6)) },
    /\[2,3\], not \[2,4\]/,
  ],
  ["no sampling step", { samplingSteps: 0 }, /0 sampling steps/],
])("refuses %s", async (_, more, message) => {
  await expect(stepsFor(more)).rejects.toThrow(message);
});

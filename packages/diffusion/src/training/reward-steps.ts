import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import type { RewardRequest } from "@tandem/core/teacher";
import { type Arrays, addPrefix } from "@tandem/core/tensor";
import { add, clip, exp, log, minimum, mul, sub } from "@tandem/graph/elementwise";
import { type Layout, unpack } from "@tandem/graph/layout";
import {
  compile,
  floats,
  ids,
  type SessionOptions,
  type Value,
  type Values,
  value,
} from "@tandem/graph/onnx-session";
import { reduceSum, reshape, sumAll } from "@tandem/graph/shape";
import { input, type Tensor } from "@tandem/graph/tensor";
import type { DiffusionModel } from "../diffusion-model";
import { decode } from "../models/codec";
import { type GraphShape, traceDenoiser, traceText, traceTraining } from "../models/graphs";
import { createSource, type LoraTargets, type Source, within } from "../models/source";
import { samplingScheduler } from "../schedulers/sampling";
import type { PredictionType } from "../schedulers/scheduler";
import { traceStudent } from "./reward-student";

/** Steps that follow the gradient of a reward, among a trainer's own. */
export type RewardSteps = {
  isAt(step: number): boolean;
  /** By the trainer's vector `trained` (n,). */
  gradient(trained: Value, rng: Rng): Promise<{ readonly loss: number; readonly gradient: Value }>;
  close(): Promise<void>;
};

/** r = log softmax(o)[y] + ½ z·t + ½ z·μ_y (B,), with the inputs `classes` (B, C), `text` and `prototype` (B, d). */
export function traceReward(
  { z, logits }: ReturnType<typeof traceStudent>,
  { classes, text, prototype }: Readonly<Record<"classes" | "text" | "prototype", Tensor>>,
): Tensor {
  const rows = (x: Tensor) => reshape(reduceSum(x, [1]), [x.shape[0]]);
  const total = log(rows(exp(logits)));
  const own = rows(mul(logits, classes));
  return add(sub(own, total), mul(0.5, rows(mul(z, add(text, prototype)))));
}

/** x_0 = a x + b p of the model's input x = α x_0 + σ ε and its answer p. */
export function originalOf(
  type: PredictionType,
  [alpha, sigma]: readonly [alpha: number, sigma: number],
): readonly [a: number, b: number] {
  switch (type) {
    case "epsilon":
      return [1 / alpha, -sigma / alpha];
    case "v_prediction":
      return [alpha, -sigma];
    case "sample":
      return [0, 1];
    case "flow":
      return [1, -sigma];
  }
}

/**
 * ReFL (arXiv 2304.05977, https://github.com/zai-org/ImageReward): pictures are sampled without
 * gradient to a random step of the last quarter; from there one step with it predicts x_0, and the loss
 * is s · mean(2 - r), whose clipping at 0 is left out: r is at most 1. Ours: r is the least of what some
 * students say of the picture, against rewards that one alone is mistaken about.
 */
export async function createRewardSteps(
  model: DiffusionModel,
  reward: RewardRequest,
  options: SessionOptions & {
    readonly lora: LoraTargets;
    readonly layout: Layout;
    readonly batchSize: number;
    readonly latents: GraphShape["latents"];
    /** Of the parameters that are not trained. */
    readonly weights: Arrays;
  },
): Promise<RewardSteps> {
  const { lora, layout, batchSize, latents } = options;
  const { unet, text, tokenizer, codec } = model;
  checkReward(reward);
  const shape: GraphShape = { batch: batchSize, length: tokenizer.length, latents };
  const predict = (p: Source) => traceDenoiser(p, unet, shape, traceText(p, text, shape));
  const [classes, width] = [classCount(reward.students), reward.students[0].texts.shape[1]];
  const row = (name: string) => input(name, [batchSize, width]);
  const lossOf = (p: Source): Tensor => {
    const each = (name: string) => reshape(input(name, [batchSize]), [batchSize, 1, 1, 1]);
    const sample = input("sample", [batchSize, ...latents]);
    const original = add(mul(each("a"), sample), mul(each("b"), predict(p)));
    const planes = clip(decode(within(p, "vae."), codec, original), -1, 1);
    const rewards = reward.students.map(({ weights }, s) =>
      traceReward(traceStudent(within(p, studentPrefix(s)), weights, planes), {
        classes: input("classes", [batchSize, classes]),
        text: row(`text${s}`),
        prototype: row("prototype"),
      }),
    );
    const least = rewards.reduce((a, b) => minimum(a, b));
    return mul(sumAll(sub(2, least)), reward.scale / batchSize);
  };
  const names = new Set(layout.map(({ name }) => name));
  const training = traceTraining(lossOf, { trained: (name) => names.has(name), lora });
  if (String(training.layout.map(({ name }) => name)) !== String([...names]))
    throw new Error("the reward trains other parameters than the samples do");
  const given: Arrays = {
    ...options.weights,
    ...Object.assign(
      {},
      ...reward.students.map(({ weights }, s) => addPrefix(studentPrefix(s), weights)),
    ),
  };
  const frozen: Values = Object.fromEntries(
    [...training.specs.keys()].flatMap((name) => {
      const array = given[name];
      return names.has(name) || array.dtype !== "f32"
        ? []
        : [[name, value(array.data, array.shape)]];
    }),
  );
  const { loss, gradient } = training;
  const withGradient = await compile({ loss, gradient }, options);
  const trained = input("trained", training.variable.shape);
  const predicted = predict(createSource(lora, unpack(trained, layout)));
  const without = await compile({ predicted }, options);
  const of = (session: typeof without, values: Values): Values =>
    Object.fromEntries(session.inputs.map((name) => [name, values[name] ?? frozen[name]]));

  async function sampled(vector: Value, rng: Rng): Promise<Values> {
    const picked = Array.from({ length: batchSize }, () => rng.integer(reward.prompts.length));
    const { scheduler } = samplingScheduler(model.configs.scheduler);
    let state = scheduler.setTimesteps(reward.samplingSteps);
    const count = state.timesteps.length;
    const quarter = Math.floor(0.75 * count);
    const last = quarter + rng.integer(count - quarter);
    const size = batchSize * latents[0] * latents[1] * latents[2];
    let sample: Float32Array = Float32Array.from(
      { length: size },
      () => rng.normal() * state.initNoiseSigma,
    );
    const prompts = tokenizer.encode(picked.map((i) => reward.prompts[i]));
    const all = (number: number) => value(new Float32Array(batchSize).fill(number), [batchSize]);
    const inputs = (timestep: number): Values => ({
      trained: vector,
      ids: ids(prompts, [batchSize, tokenizer.length]),
      sample: value(scheduler.scaleModelInput(state, sample), [batchSize, ...latents]),
      timestep: all(timestep),
    });
    while (state.index < last) {
      const asked = await without.run(of(without, inputs(state.timesteps[state.index])));
      const output = floats(asked.predicted);
      ({ state, sample } = scheduler.step(state, { output, sample, rng }));
    }
    const timestep = state.timesteps[last];
    const [a, b] = originalOf(scheduler.predictionType, scheduler.alphaSigma(timestep));
    return { ...inputs(timestep), a: all(a), b: all(b), ...judged(reward, picked, classes) };
  }

  return {
    isAt: (step) => step % reward.every === 0 && step / reward.every <= reward.atMost,
    async gradient(vector, rng) {
      const results = await withGradient.run(of(withGradient, await sampled(vector, rng)));
      return { loss: floats(results.loss)[0], gradient: results.gradient };
    },
    async close() {
      await withGradient.release();
      await without.release();
    },
  };
}

const studentPrefix = (s: number) => `student${s}.`;
const classCount = (students: RewardRequest["students"]): number =>
  students[0].weights["image.head.bias"]?.shape[0] ?? 0;

/** What the students are to see in the prompts' pictures: inputs of `traceReward`. */
function judged(
  { labels, students, prototypes }: RewardRequest,
  picked: readonly number[],
  classes: number,
): Values {
  const width = students[0].texts.shape[1];
  const rows = (data: Float32Array, at: readonly number[]) =>
    value(Float32Array.from(at.flatMap((i) => [...data.subarray(i * width, (i + 1) * width)])), [
      at.length,
      width,
    ]);
  const own = picked.map((i) => labels[i]);
  const hot = own.flatMap((label) =>
    Array.from({ length: classes }, (_, c) => Number(c === label)),
  );
  return {
    classes: value(Float32Array.from(hot), [own.length, classes]),
    prototype: prototypes
      ? rows(prototypes.data, own)
      : value(new Float32Array(own.length * width), [own.length, width]),
    ...Object.fromEntries(students.map(({ texts }, s) => [`text${s}`, rows(texts.data, picked)])),
  };
}

function checkReward({
  prompts,
  labels,
  students,
  prototypes,
  samplingSteps,
}: RewardRequest): void {
  const bad = (what: string) => new TandemError("bad-data", `reward: ${what}`);
  if (prompts.length === 0 || students.length === 0) throw bad("give prompts and students");
  if (labels.length !== prompts.length)
    throw bad(`${labels.length} labels of ${prompts.length} prompts`);
  const width = students[0].texts.shape[1];
  for (const { texts } of students)
    if (String(texts.shape) !== String([prompts.length, width]))
      throw bad(`texts are [${texts.shape}], not [${[prompts.length, width]}]`);
  const classes = classCount(students);
  if (labels.some((label) => label < 0 || label >= classes))
    throw bad(`a label is not among the students' ${classes} classes`);
  if (prototypes && String(prototypes.shape) !== String([classes, width]))
    throw bad(`prototypes are [${prototypes.shape}], not [${[classes, width]}]`);
  if (samplingSteps < 1) throw bad(`${samplingSteps} sampling steps`);
}

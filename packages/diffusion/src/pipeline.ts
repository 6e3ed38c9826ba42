import { TandemError } from "@tandem/core/errors";
import { checkFinite } from "@tandem/core/finite";
import { createRng, type Rng } from "@tandem/core/rng";
import type { TaskOptions } from "@tandem/core/teacher";
import { concatenateRows, type TensorOf } from "@tandem/core/tensor";
import { type SessionOptions, sessionCache, type Values, value } from "@tandem/graph/onnx-session";
import { prepareDenoiser } from "./denoiser";
import type { DiffusionModel } from "./diffusion-model";
import { createLatents } from "./latents";
import { adaptedWeights } from "./lora/adapted-weights";
import type { LoraAdapter } from "./lora/adapter";
import { type EncodedPrompt, encodePrompts } from "./prompt-encoder";
import { guidanceScale, guide, rescaleGuidance } from "./schedulers/guidance";
import { samplingScheduler } from "./schedulers/sampling";
import { cutNotices } from "./tokenizers/prompt-tokenizer";

export type PaintRequest = {
  readonly prompts: readonly string[];
  /** What the pictures are steered away from; nothing by default. */
  readonly negative?: string;
  readonly seed: number;
  readonly steps: number;
  /** Up to 1 asks the model once a step, for the prompt alone; above 1 twice. */
  readonly guidance: number;
  /** φ of guidance rescale, 0 by default. */
  readonly rescale?: number;
  /** Height and width in pixels; what the model was trained for by default. */
  readonly size?: readonly [height: number, width: number];
  /** Class of another scheduler on the model's noise levels. */
  readonly scheduler?: string;
  readonly adapter?: LoraAdapter;
  /** (N, C, h, w) of unit variance, in place of noise of the seed. */
  readonly noise?: TensorOf<"f32">;
};

export type Pipeline = {
  readonly model: DiffusionModel;
  /** (C, h, w) of the noise that pictures of the model's own size begin as. */
  readonly noiseShape: readonly [number, number, number];
  /** (N, h, w, 3). The same request gives the same bytes on one machine. */
  paint(request: PaintRequest, task?: TaskOptions): Promise<TensorOf<"u8">>;
  /** Pictures (N, h, w, 3) as latents (N, C, h', w'). */
  encode(images: TensorOf<"u8">): Promise<TensorOf<"f32">>;
  close(): Promise<void>;
};

export type PipelineOptions = SessionOptions & {
  /** Largest score matrix of an attention. */
  readonly maxScoreBytes?: number;
  /** Pictures at a time; by default so many that their latents hold some 100,000 numbers. */
  readonly batchSize?: number;
  /** Told once of each prompt that is cut. */
  readonly notice?: (text: string) => void;
};

/** Sessions are compiled when a shape is first asked for and kept until `close`. */
export function createPipeline(model: DiffusionModel, options: PipelineOptions = {}): Pipeline {
  const sessions = sessionCache(options);
  const codec = createLatents(model, options);
  const noticeCuts = cutNotices(model.tokenizer, options.notice);

  async function paint(request: PaintRequest, task: TaskOptions = {}) {
    const { prompts, negative = "", size = model.size } = request;
    const guidance = guidanceScale(request.guidance);
    const { weights } = model;
    const parameters = valuesOf(
      request.adapter ? adaptedWeights(weights, request.adapter) : weights,
    );
    checkSize(size);
    const latents = codec.shapeOf(size);
    checkNoise(request, latents);
    const texts = guidance > 1 ? [...prompts, negative] : prompts;
    noticeCuts(texts);
    // 1. Texts to embeddings, each once.
    const textOf = await encodePrompts(model, texts, { sessions, parameters });
    const most = Math.floor(1e5 / (latents[0] * latents[1] * latents[2]));
    const batchSize = options.batchSize ?? Math.max(1, Math.min(32, most));
    const painted: TensorOf<"u8">[] = [];
    for (let from = 0; from < prompts.length; from += batchSize) {
      const part = prompts.slice(from, from + batchSize);
      const progress = (share: number) =>
        task.progress?.((from + share * part.length) / prompts.length, "painting");
      painted.push(
        await paintBatch(
          { ...request, guidance, from, parameters, latents, progress },
          {
            conditional: part.map(textOf),
            unconditional: guidance > 1 ? part.map(() => textOf(negative)) : [],
          },
          task,
        ),
      );
    }
    const [height, width] = size;
    if (painted.length > 0) return concatenateRows(painted);
    return { dtype: "u8", shape: [0, height, width, 3], data: new Uint8Array(0) } as const;
  }

  async function paintBatch(
    batch: PaintRequest & {
      /** Number of the first picture. */
      readonly from: number;
      readonly parameters: Values;
      readonly latents: readonly [number, number, number];
      readonly progress: (share: number) => void;
    },
    texts: {
      readonly conditional: readonly EncodedPrompt[];
      readonly unconditional: readonly EncodedPrompt[];
    },
    { signal }: TaskOptions,
  ): Promise<TensorOf<"u8">> {
    const { from, seed, guidance, rescale = 0, parameters, latents } = batch;
    const count = texts.conditional.length;
    const rows = [...texts.unconditional, ...texts.conditional];
    const denoise = await prepareDenoiser(model, rows, {
      sessions,
      parameters,
      latents,
      maxScoreBytes: options.maxScoreBytes,
    });
    // 2. Noise, from a stream of each picture's own.
    const { scheduler } = samplingScheduler(model.configs.scheduler, batch.scheduler);
    let state = scheduler.setTimesteps(batch.steps);
    const noise = batch.noise
      ? rowsFrom(batch.noise, from, count)
      : startNoise(count, latents, (i) => createRng(`noise/${seed}/${from + i}`));
    let sample: Float32Array = noise.map((value) => value * state.initNoiseSigma);
    const rng = createRng(`steps/${seed}/${from}`);
    // 3. From noise to latents, one timestep after the other.
    for (const timestep of state.timesteps) {
      if (signal?.aborted) throw new TandemError("cancelled", "painting was cancelled");
      const asked = await denoise(scheduler.scaleModelInput(state, sample), timestep);
      // 4. Guidance: away from the unconditional answer.
      let output: Float32Array = asked;
      if (guidance > 1) {
        const [unconditional, conditional] = [
          asked.subarray(0, sample.length),
          asked.subarray(sample.length),
        ];
        output = guide(unconditional, conditional, guidance);
        if (rescale > 0)
          output = rescaleGuidance(output, conditional, { batch: count, phi: rescale });
      }
      ({ state, sample } = scheduler.step(state, { output, sample, rng }));
      batch.progress(state.index / state.timesteps.length);
    }
    // 5. Latents to pictures.
    return codec.decode(sample, [count, ...latents]);
  }

  return {
    model,
    noiseShape: codec.shapeOf(model.size),
    paint,
    encode: (images) => codec.encode(images),
    async close() {
      await sessions.close();
      await codec.close();
    },
  };
}

/** The arrays themselves as inputs of a graph: nothing is copied. */
const valuesOf = (weights: DiffusionModel["weights"]): Values =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, value(data, shape)]),
  );

const maxSide = 8192;

function checkSize([height, width]: readonly [number, number]): void {
  if (height * width > maxSide ** 2)
    throw new TandemError(
      "too-large",
      `pictures of ${height} x ${width} pixels: at most ${maxSide ** 2}, as ${maxSide} x ${maxSide} has`,
    );
}

function checkNoise({ noise, prompts }: PaintRequest, latents: readonly number[]): void {
  const wanted = [prompts.length, ...latents];
  if (noise && String(noise.shape) !== String(wanted))
    throw new TandemError("bad-data", `noise is [${noise.shape}], not [${wanted}]`);
  if (noise) checkFinite("noise", noise, "give finite numbers");
}

function rowsFrom({ shape, data }: TensorOf<"f32">, from: number, count: number): Float32Array {
  const stride = data.length / shape[0];
  return data.subarray(from * stride, (from + count) * stride);
}

function startNoise(
  count: number,
  latents: readonly number[],
  rngOf: (i: number) => Rng,
): Float32Array {
  const stride = latents.reduce((a, b) => a * b);
  const noise = new Float32Array(count * stride);
  for (let i = 0; i < count; i++) {
    const rng = rngOf(i);
    for (let j = i * stride; j < (i + 1) * stride; j++) noise[j] = rng.normal();
  }
  return noise;
}

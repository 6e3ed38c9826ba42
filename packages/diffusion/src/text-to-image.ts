import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createRng, type Rng } from "@tandem/core/rng";
import type { FinetuneRequest, GenerateRequest, TaskOptions, Teacher } from "@tandem/core/teacher";
import { sizeOf, type TensorOf } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { floats, sessionCache, type Values, value } from "@tandem/graph/session";
import { type Checkpoint, loadCheckpoint } from "./checkpoint";
import { captionValues, fromPlanes, parameterValues, timeValues, traceDenoiser } from "./denoiser";
import { isLora, mergeLora } from "./lora";
import { createParameters } from "./parameters";
import { ddimStep, ddimTimes } from "./schedule";
import { type TrainingSample, trainDenoiser } from "./training";

export type TextToImage = Pick<Teacher, "imageSize" | "generate" | "finetune" | "close">;

const batchSize = 32;

export async function loadTextToImage(options: {
  readonly directory: string;
  /** Public samples that fine-tuning may draw from. */
  readonly replay?: LabelledSet;
  readonly threads?: number;
}): Promise<TextToImage> {
  return createTextToImage({ ...options, checkpoint: await loadCheckpoint(options.directory) });
}

export function createTextToImage(options: {
  readonly checkpoint: Checkpoint;
  readonly replay?: LabelledSet;
  readonly threads?: number;
}): TextToImage {
  const { checkpoint, replay, threads = 1 } = options;
  const { config, weights } = checkpoint;
  const side = config.sampleSize;
  const tokenizer = createTokenizer(checkpoint.vocabulary, config.textLength);
  const sessions = sessionCache({ threads });

  async function generate(request: GenerateRequest, task: TaskOptions = {}) {
    const { prompts, seed, adapter, steps, guidance } = request;
    const parameters = parameterValues(adapter ? mergeLora(weights, adapter) : weights);
    const images = new Uint8Array(prompts.length * side * side * 3);
    for (let from = 0; from < prompts.length; from += batchSize) {
      const part = prompts.slice(from, from + batchSize);
      const progress = (share: number) =>
        task.progress?.((from + share * part.length) / prompts.length, "painting");
      const sampled = await sampleBatch(
        { part, from, seed, steps, guidance, parameters, progress },
        task,
      );
      images.set(sampled.data, from * side * side * 3);
    }
    return { dtype: "u8", shape: [prompts.length, side, side, 3], data: images } as const;
  }

  async function sampleBatch(
    batch: {
      readonly part: readonly string[];
      readonly from: number;
      readonly seed: number;
      readonly steps: number;
      readonly guidance: number;
      readonly parameters: Values;
      readonly progress: (share: number) => void;
    },
    { signal }: TaskOptions,
  ): Promise<TensorOf<"u8">> {
    const { part, from, seed, steps, guidance, parameters, progress } = batch;
    const shape = [part.length * 2, 3, side, side];
    const denoiser = await sessions.get(String(shape[0]), () => ({
      v: traceDenoiser(config, shape[0], createParameters()),
    }));
    // Conditioned pictures first, the same again without a caption behind them.
    const captions = captionValues([...part, ...part.map(() => "")], tokenizer);
    const x = startNoise(part.length, side, (i) => createRng(`noise/${seed}/${from + i}`));
    const times = ddimTimes(steps);
    for (const [i, t] of times.entries()) {
      if (signal?.aborted) throw new TandemError("cancelled", "painting was cancelled");
      const both = new Float32Array(x.length * 2);
      both.set(x);
      both.set(x, x.length);
      const time = timeValues(Array.from({ length: shape[0] }, () => t));
      const result = await denoiser.run({
        ...parameters,
        ...captions,
        ...time,
        x: value(both, shape),
      });
      ddimStep(x, guide(floats(result.v), guidance), t, times[i + 1] ?? 0);
      progress((i + 1) / steps);
    }
    return fromPlanes(x, part.length, side);
  }

  async function finetune(request: FinetuneRequest, task: TaskOptions = {}) {
    const { steps, rank, adapter = {} } = request;
    checkFinetune(request, replay);
    const { trained, losses } = await trainDenoiser({
      config,
      tokenizer,
      threads,
      weights: { ...weights, ...adapter },
      loraRank: rank,
      trained: isLora,
      sample: sampler(request, replay),
      steps,
      batchSize: request.batchSize,
      learningRate: () => request.learningRate,
      rng: createRng(`finetune/${request.seed}`),
      signal: task.signal,
      onStep: (step) => task.progress?.(step / steps, "fine-tuning"),
    });
    return { adapter: trained, losses };
  }

  return { imageSize: side, generate, finetune, close: () => sessions.close() };
}

/** v_uncond + g (v_cond - v_uncond) (arXiv 2207.12598), from both halves of a batch. */
export function guide(both: Float32Array, guidance: number): Float32Array {
  const half = both.length / 2;
  return Float32Array.from({ length: half }, (_, i) => {
    const unconditioned = both[half + i];
    return unconditioned + guidance * (both[i] - unconditioned);
  });
}

function startNoise(count: number, side: number, rngOf: (i: number) => Rng): Float32Array {
  const stride = 3 * side * side;
  const x = new Float32Array(count * stride);
  for (let i = 0; i < count; i++) {
    const rng = rngOf(i);
    for (let j = 0; j < stride; j++) x[i * stride + j] = rng.normal();
  }
  return x;
}

function checkFinetune({ samples, replay }: FinetuneRequest, real: LabelledSet | undefined) {
  const [count] = samples.images.shape;
  const { captions, weights } = samples;
  if (captions.length !== count || weights.length !== count)
    throw new Error(`${count} images, ${captions.length} captions, ${weights.length} weights`);
  const size = real?.images && real.captions ? real.size : 0;
  const outside = replay.rows.find((row) => row < 0 || row >= size);
  if (outside !== undefined)
    throw new TandemError("bad-data", `replay row ${outside} is not among ${size} public samples`);
  if (count + replay.rows.length === 0)
    throw new TandemError("bad-data", "nothing to fine-tune on: give samples or replay rows");
}

/** Draws the synthetic samples uniformly with their weights, and real ones for replay. */
function sampler(request: FinetuneRequest, real: LabelledSet | undefined) {
  const { samples, replay } = request;
  const { images, captions, weights } = samples;
  const at = (set: TensorOf<"u8">, row: number) => {
    const stride = sizeOf(set.shape.slice(1));
    return set.data.subarray(row * stride, (row + 1) * stride);
  };
  return (rng: Rng): TrainingSample => {
    const useReal =
      replay.rows.length > 0 && (captions.length === 0 || rng.uniform() < replay.share);
    if (useReal && real?.images && real.captions) {
      const row = replay.rows[rng.integer(replay.rows.length)];
      return { image: at(real.images, row), caption: real.captions[row], weight: 1 };
    }
    const row = rng.integer(captions.length);
    return { image: at(images, row), caption: captions[row], weight: weights[row] };
  };
}

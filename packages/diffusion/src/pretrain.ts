import type { LabelledSet } from "@tandem/core/data";
import { createRng, type Rng } from "@tandem/core/rng";
import { type Arrays, f32, sizeOf, type TensorOf } from "@tandem/core/tensor";
import { createTokenizer, type Vocabulary } from "@tandem/core/tokenizer";
import type { Checkpoint } from "./checkpoint";
import { trainDenoiser } from "./training";
import type { ModelConfig } from "./unet";

export type PretrainOptions = {
  readonly set: LabelledSet;
  readonly vocabulary: Vocabulary;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly threads: number;
  readonly widths?: readonly [number, number];
  readonly signal?: AbortSignal;
  /** Asked before each step: true ends the run early with what it has. */
  readonly stop?: () => boolean;
  readonly onStep?: (step: number, loss: number, checkpoint: () => Checkpoint) => void;
};

/** Trains a base from nothing; the checkpoint holds an exponential moving average of the weights. */
export async function pretrain(
  options: PretrainOptions,
): Promise<{ readonly checkpoint: Checkpoint; readonly losses: readonly number[] }> {
  const { set, vocabulary, steps, seed, learningRate, widths = [48, 96] } = options;
  const tokenizer = createTokenizer(vocabulary);
  const { images } = set;
  if (!images) throw new Error("the set holds no images");
  const config: ModelConfig = {
    sampleSize: images.shape[1],
    widths,
    heads: 4,
    textWidth: widths[0] * 2,
    textLength: tokenizer.length,
    vocabularySize: tokenizer.size,
  };
  const warmUp = Math.min(100, steps / 10);
  let average: Record<string, Float32Array> = {};
  const checkpoint = (trained: Arrays): Checkpoint => ({
    config,
    vocabulary,
    weights: Object.fromEntries(
      Object.entries(trained).map(([name, { shape, data }]) => [
        name,
        f32(shape, Float32Array.from(average[name] ?? data)),
      ]),
    ),
  });
  const { trained, losses } = await trainDenoiser({
    config,
    weights: {},
    loraRank: 0,
    trained: () => true,
    tokenizer,
    sample: (rng) => augmented(set, images, rng),
    steps,
    batchSize: options.batchSize,
    learningRate: (step) => learningRate * Math.min(1, step / warmUp) * cosine(step / steps),
    rng: createRng(`pretrain/${seed}`),
    threads: options.threads,
    signal: options.signal,
    stop: options.stop,
    onStep: (step, loss, now) => {
      average = movingAverage(average, now(), Math.min(0.998, step / (step + 20)));
      options.onStep?.(step, loss, () => checkpoint(now()));
    },
  });
  return { checkpoint: checkpoint(trained), losses };
}

const cosine = (share: number) => 0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));

function movingAverage(average: Record<string, Float32Array>, now: Arrays, decay: number) {
  for (const [name, { data }] of Object.entries(now)) {
    const old = average[name];
    if (!old) average[name] = Float32Array.from(data);
    else for (let i = 0; i < old.length; i++) old[i] = decay * old[i] + (1 - decay) * data[i];
  }
  return average;
}

/** A sample with its words thinned out and its picture moved by up to a pixel. */
function augmented(set: LabelledSet, images: TensorOf<"u8">, rng: Rng) {
  const row = rng.integer(set.size);
  const stride = sizeOf(images.shape.slice(1));
  const image = images.data.subarray(row * stride, (row + 1) * stride);
  const moved = shift(image, images.shape[1], rng.integer(3) - 1, rng.integer(3) - 1);
  return { image: moved, caption: thinned(set.captions?.[row] ?? "", rng), weight: 1 };
}

/** "word: name, keyword, keyword" without some of its parts, so that each of them steers. */
export function thinned(caption: string, rng: Rng): string {
  const [word, rest = ""] = caption.split(": ");
  const [name, ...keywords] = rest.split(", ");
  const kept = [
    ...(rng.uniform() < 0.85 ? [name] : []),
    ...keywords.filter(() => rng.uniform() < 0.5),
  ];
  return kept.length === 0 ? word : `${word}: ${kept.join(", ")}`;
}

function shift(image: Uint8Array, side: number, dx: number, dy: number): Uint8Array {
  const out = new Uint8Array(image.length).fill(255);
  for (let y = 0; y < side; y++) {
    const from = y - dy;
    if (from < 0 || from >= side) continue;
    for (let x = 0; x < side; x++) {
      const column = x - dx;
      if (column < 0 || column >= side) continue;
      const at = (from * side + column) * 3;
      out.set(image.subarray(at, at + 3), (y * side + x) * 3);
    }
  }
  return out;
}

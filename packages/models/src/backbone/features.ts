import { TandemError } from "@tandem/core/errors";
import { lazily } from "@tandem/core/lazily";
import { f32, sizeOf, type TensorOf, u8 } from "@tandem/core/tensor";
import { nextTask } from "@tandem/engine/next-task";
import { imageTensor } from "@tandem/engine/tensors";
import { sha256Hex } from "@tandem/protocol/sha256";
import * as tf from "@tensorflow/tfjs-core";
import { createThrift } from "../thrift";
import type { Featurise } from "../trainer";
import type { Backbone } from "./backbone";

const batch = 16;

/** What the backbone makes of pictures (N, h, w, 3) of any size, a batch at a time: (N, features). */
export async function featuresOf(
  backbone: Pick<Backbone, "run" | "features">,
  images: TensorOf<"u8">,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly progress?: (done: number, total: number) => void;
  } = {},
): Promise<TensorOf<"f32">> {
  const { signal, progress } = options;
  const [count, ...extents] = images.shape;
  const stride = sizeOf(extents);
  const all = new Float32Array(count * backbone.features);
  const thrift = createThrift({ smallest: 1 });
  for (let from = 0; from < count; ) {
    if (signal?.aborted) throw new TandemError("cancelled", "making features was cancelled");
    const size = Math.min(thrift.limited(batch), count - from);
    const data = images.data.subarray(from * stride, (from + size) * stride);
    try {
      const output = tf.tidy(() =>
        backbone.run(imageTensor({ dtype: "u8", shape: [size, ...extents], data })),
      );
      all.set((await output.data()) as Float32Array, from * backbone.features);
      output.dispose();
    } catch (error) {
      if (thrift.isShortened(error, size)) continue;
      throw error;
    }
    from += size;
    progress?.(from, count);
    await nextTask();
  }
  return f32([count, backbone.features], all);
}

/** For pictures that come one by one: `of` takes bytes (size, size, 3). */
export const onePictureFeatures = (backbone: Pick<Backbone, "run" | "features" | "size">) => ({
  size: backbone.size,
  of: async (pixels: Uint8Array, signal?: AbortSignal): Promise<Float32Array> => {
    const { size } = backbone;
    return (await featuresOf(backbone, u8([1, size, size, 3], pixels), { signal })).data;
  },
});

/** A featuriser whose backbone is opened when it is first asked. */
export function openingFeaturiser(open: () => Promise<Backbone>): Featurise {
  const opened = lazily(async () => createFeaturiser(await open()));
  return async (images, signal) => (await opened.get())(images, signal);
}

/** For the trainer: the features of the sets that were asked for last, 64 MiB of them, are made once. */
export function createFeaturiser(
  backbone: Pick<Backbone, "run" | "features">,
  options: {
    readonly progress?: (done: number, total: number) => void;
    readonly mostBytes?: number;
  } = {},
): Featurise {
  const { mostBytes = 2 ** 26, ...rest } = options;
  const made = new Map<string, TensorOf<"f32">>();
  return async (images, signal) => {
    const key = `${images.shape} ${await sha256Hex(images.data)}`;
    const features = made.get(key) ?? (await featuresOf(backbone, images, { signal, ...rest }));
    made.delete(key);
    made.set(key, features); // the last asked for is the last to go
    let bytes = [...made.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    for (const [oldest, { data }] of made) {
      if (bytes <= mostBytes || oldest === key) break;
      made.delete(oldest);
      bytes -= data.byteLength;
    }
    return features;
  };
}

import { checkFinite } from "@tandem/core/finite";
import type { TensorOf } from "@tandem/core/tensor";

/** (B, h, w, 3) bytes to (B, 3, h, w) in [-1, 1]. */
export function toPlanes({ data, shape }: TensorOf<"u8">): Float32Array {
  const [count, height, width] = shape;
  const plane = height * width;
  const planes = new Float32Array(data.length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < plane; j++)
      for (let c = 0; c < 3; c++)
        planes[(i * 3 + c) * plane + j] = data[(i * plane + j) * 3 + c] / 127.5 - 1;
  return planes;
}

/** The inverse, rounded and clamped. Throws `bad-data` where a level is no number. */
export function fromPlanes(planes: Float32Array, shape: readonly number[]): TensorOf<"u8"> {
  checkFinite("decoded pictures", planes, "the weights of the decoder do not suit the latents");
  const [count, , height, width] = shape;
  const plane = height * width;
  const data = new Uint8Array(planes.length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < plane; j++)
      for (let c = 0; c < 3; c++) {
        const level = Math.round((planes[(i * 3 + c) * plane + j] + 1) * 127.5);
        data[(i * plane + j) * 3 + c] = Math.max(0, Math.min(255, level));
      }
  return { dtype: "u8", shape: [count, height, width, 3], data };
}

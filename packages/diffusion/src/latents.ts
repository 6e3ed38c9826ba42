import { TandemError } from "@tandem/core/errors";
import { checkFinite } from "@tandem/core/finite";
import type { TensorOf } from "@tandem/core/tensor";
import {
  floats,
  type SessionOptions,
  sessionCache,
  type Values,
  value,
} from "@tandem/graph/onnx-session";
import { input } from "@tandem/graph/tensor";
import type { DiffusionModel } from "./diffusion-model";
import { decode, encode, latentShape } from "./models/codec";
import { createSource, within } from "./models/source";
import { fromPlanes, toPlanes } from "./pictures";

/** Pictures to latents and back; sessions are kept by shape until `close`. */
export function createLatents(
  { codec, weights }: Pick<DiffusionModel, "codec" | "weights">,
  options: SessionOptions & { readonly maxScoreBytes?: number } = {},
) {
  const sessions = sessionCache(options);
  const limit = options.maxScoreBytes ? { maxScoreBytes: options.maxScoreBytes } : {};

  async function run(kind: "encode" | "decode", data: Float32Array, shape: readonly number[]) {
    const session = await sessions.get(`${kind} ${shape}`, () => {
      const p = within(createSource(), "vae.");
      const result = kind === "encode" ? encode : decode;
      return { result: result(p, codec, input("given", shape), limit) };
    });
    if (session.inputs.some((name) => name !== "given" && !weights[name]))
      throw new TandemError(
        "not-found",
        `the model's VAE has no ${kind}r: use a folder whose VAE is whole`,
      );
    const parameters: Values = Object.fromEntries(
      session.inputs
        .filter((name) => name !== "given")
        .map((name) => [name, value(weights[name].data, weights[name].shape)]),
    );
    const { result } = await session.run({ ...parameters, given: value(data, shape) });
    return { data: floats(result), shape: result.dims };
  }

  return {
    shapeOf: (size: readonly [number, number]) => latentShape(codec, size),
    /** (B, H, W, 3) bytes to (B, C, h, w) as the U-Net sees them, in batches of `batchSize`. */
    async encode(images: TensorOf<"u8">, batchSize = 8): Promise<TensorOf<"f32">> {
      const [count, height, width] = images.shape;
      const shape = latentShape(codec, [height, width]);
      const [from, to] = [height * width * 3, shape[0] * shape[1] * shape[2]];
      const latents = new Float32Array(count * to);
      for (let i = 0; i < count; i += batchSize) {
        const size = Math.min(batchSize, count - i);
        const part = images.data.subarray(i * from, (i + size) * from);
        const planes = toPlanes({ dtype: "u8", shape: [size, height, width, 3], data: part });
        const { data } = await run("encode", planes, [size, 3, height, width]);
        checkFinite(`latents of pictures from ${i}`, data, "the weights of the encoder are broken");
        latents.set(data, i * to);
      }
      return { dtype: "f32", shape: [count, ...shape], data: latents };
    },
    /** (B, C, h, w) to bytes (B, H, W, 3). */
    async decode(latents: Float32Array, shape: readonly number[]): Promise<TensorOf<"u8">> {
      const planes = await run("decode", latents, shape);
      return fromPlanes(planes.data, planes.shape);
    },
    close: () => sessions.close(),
  };
}

import { concatenated } from "@tandem/core/tensor";
import { floats, type sessionCache, type Values, value } from "@tandem/graph/onnx-session";
import type { DiffusionModel } from "./diffusion-model";
import { traceDenoiser } from "./models/graphs";
import { createSource } from "./models/source";
import type { EncodedPrompt } from "./prompt-encoder";

export type DenoiserOptions = {
  readonly sessions: ReturnType<typeof sessionCache>;
  readonly parameters: Values;
  /** (C, h, w). */
  readonly latents: readonly [number, number, number];
  /** Largest score matrix of an attention. */
  readonly maxScoreBytes?: number | undefined;
};

/**
 * The U-Net's answer (R, C, h, w) for texts in R rows, flat, at a timestep. Samples are as many rows, or
 * half as many, which the first and the last rows share.
 */
export async function prepareDenoiser(
  { unet, text, tokenizer: { length } }: Pick<DiffusionModel, "unet" | "text" | "tokenizer">,
  rows: readonly EncodedPrompt[],
  { sessions, parameters, latents, maxScoreBytes }: DenoiserOptions,
): Promise<(sample: Float32Array, timestep: number) => Promise<Float32Array>> {
  const batch = rows.length;
  const shape = [batch, ...latents];
  const session = await sessions.get(`unet ${shape}`, () => ({
    output: traceDenoiser(createSource(), unet, {
      ...(maxScoreBytes && { maxScoreBytes }),
      batch,
      length,
      latents,
    }),
  }));
  const ofAll = (name: "context" | "pooled") =>
    concatenated(
      Float32Array,
      rows.map((row) => row[name]),
    );
  const given: Values = {
    ...parameters,
    context: value(ofAll("context"), [batch, length, unet.contextWidth]),
    pooled: value(ofAll("pooled"), [batch, text.width]),
  };
  const fixed = Object.fromEntries(
    session.inputs.flatMap((name) => (given[name] ? [[name, given[name]]] : [])),
  );
  const size = shape.reduce((a, b) => a * b);
  return async (sample, timestep) => {
    const all = sample.length === size ? sample : concatenated(Float32Array, [sample, sample]);
    const results = await session.run({
      ...fixed,
      sample: value(all, shape),
      timestep: value(new Float32Array(batch).fill(timestep), [batch]),
    });
    return floats(results.output);
  };
}

import { createRng } from "@tandem/core/rng";
import { f32, sizeOf, type TensorOf } from "@tandem/core/tensor";
import { type LoraAdapter, loraModule } from "../lora/adapter";

/** Shapes of weights by name: `conv_in.weight`. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

const rng = createRng("lora");
export const random = (...shape: number[]): TensorOf<"f32"> =>
  f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );

/** An adapter for the named weights of a component. */
export const adapterFor = (
  shapes: Shapes,
  { component = "unet", rank = 2, alpha = 3 } = {},
): LoraAdapter =>
  new Map(
    Object.entries(shapes).map(([name, [outputs, inputs, ...kernel]]) => {
      const module = `${component}.${name.replace(/\.weight$/, "")}`;
      const down = random(rank, inputs, ...kernel);
      const up = random(outputs, rank, ...kernel.map(() => 1));
      return [module, loraModule(module, { down, up, alpha })];
    }),
  );

/** A linear layer and convolutions of 1 x 1 and 3 x 3. */
export const small: Shapes = {
  "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight": [5, 4],
  "mid_block.attentions.0.proj_in.weight": [4, 6, 1, 1],
  "down_blocks.0.resnets.1.conv1.weight": [3, 2, 3, 3],
};

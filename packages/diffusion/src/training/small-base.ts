import { createRng } from "@tandem/core/rng";
import type { Vocabulary } from "@tandem/core/tokenizer";
import { createModel, type DiffusionModel, prefixed } from "../diffusion-model";
import { componentSpecs } from "../models/components";
import { initialise } from "../models/parameters";
import { componentWeights } from "../models/weights";
import { wordTokenizer } from "../tokenizers/word-tokenizer";

export type SmallBaseOptions = {
  readonly vocabulary: Vocabulary;
  /** Height and width of the pictures. */
  readonly side: number;
  /** Pixels a side that the codec puts side by side as planes; 2 by default. */
  readonly factor?: number;
  /** Channels of the U-Net by level; each halves the resolution. */
  readonly widths: readonly number[];
  readonly textWidth: number;
  readonly textLayers: number;
  /** Of begin, words and end. */
  readonly textLength: number;
  readonly seed: string | number;
};

/**
 * A model of a few million random weights, of diffusers' own classes but for its codec, which puts
 * 2 x 2 pixels side by side. It predicts v, on a cosine schedule that ends in nothing but noise.
 */
export function smallBase(options: SmallBaseOptions): DiffusionModel {
  const { widths, textWidth, seed, factor = 2 } = options;
  const last = widths.length - 1;
  const tokenizer = wordTokenizer(options.vocabulary, options.textLength);
  const configs = {
    text_encoder: {
      _class_name: "CLIPTextModel",
      architectures: ["CLIPTextModel"],
      vocab_size: tokenizer.size,
      hidden_size: textWidth,
      intermediate_size: 4 * textWidth,
      num_hidden_layers: options.textLayers,
      num_attention_heads: 4,
      max_position_embeddings: options.textLength,
      hidden_act: "quick_gelu",
      bos_token_id: tokenizer.size - 2,
      eos_token_id: tokenizer.size - 1,
      pad_token_id: tokenizer.size - 1,
    },
    unet: {
      _class_name: "UNet2DConditionModel",
      sample_size: options.side / factor,
      in_channels: 3 * factor ** 2,
      out_channels: 3 * factor ** 2,
      block_out_channels: widths,
      layers_per_block: 1,
      // Attention at full resolution took half of the time.
      down_block_types: widths.map((_, i) => (i === 0 ? "DownBlock2D" : "CrossAttnDownBlock2D")),
      up_block_types: widths.map((_, i) => (i === last ? "UpBlock2D" : "CrossAttnUpBlock2D")),
      attention_head_dim: 4, // heads, by diffusers' misnomer
      cross_attention_dim: textWidth,
      norm_num_groups: 8,
      class_embed_type: "projection",
      projection_class_embeddings_input_dim: textWidth,
    },
    vae: { _class_name: "PixelShuffle", factor },
    scheduler: {
      _class_name: "DDIMScheduler",
      num_train_timesteps: 1000,
      beta_schedule: "squaredcos_cap_v2",
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
      clip_sample: true,
      set_alpha_to_one: true,
    },
  };
  const fresh = (name: "text_encoder" | "unet") =>
    componentWeights(
      configs[name],
      initialise(componentSpecs(configs[name]), createRng(`${seed}/${name}`)),
    );
  const weights = prefixed({ text_encoder: fresh("text_encoder"), unet: fresh("unet") });
  return createModel({ configs, tokenizer, weights });
}

/** Weights of the same name and shape, and of words that both know their embedding. */
export function startingFrom(
  known: DiffusionModel,
  wanted: DiffusionModel,
  words: readonly string[],
): DiffusionModel {
  const weights = Object.fromEntries(
    Object.entries(wanted.weights).map(([name, own]) => {
      const other = known.weights[name];
      return [name, other && String(other.shape) === String(own.shape) ? other : own];
    }),
  );
  const table = "text_encoder.text_model.embeddings.token_embedding.weight";
  const [from, to] = [known.weights[table], wanted.weights[table]];
  const width = to.shape[1];
  if (from.shape[1] === width) {
    const data = Float32Array.from(to.data);
    const idOf = (model: DiffusionModel, word: string) => model.tokenizer.encode([word])[1];
    for (const word of words) {
      const row = idOf(known, word) * width;
      data.set(from.data.subarray(row, row + width), idOf(wanted, word) * width);
    }
    weights[table] = { ...to, data };
  }
  return { ...wanted, weights };
}

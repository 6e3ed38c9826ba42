import type { JsonObject } from "@tandem/core/json";
import { createRng } from "@tandem/core/rng";
import { createModel, prefixed, saveModel } from "../diffusion-model";
import { componentSpecs } from "../models/components";
import { initialise } from "../models/parameters";
import { componentWeights } from "../models/weights";
import { clipTokenizer } from "../tokenizers/clip-tokenizer";
import type { PromptTokenizer } from "../tokenizers/prompt-tokenizer";
import { fillZeros } from "./two-colours";

/** The printable stand-ins that byte-level BPE has for bytes, as in GPT-2. */
function byteAlphabet(): readonly string[] {
  const plain = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(plain(byte) ? byte : next++));
}

export const merges = ["e d</w>", "r ed</w>", "b l", "bl u", "blu e</w>"] as const;

/** vocab.json and merges.txt in CLIP's order: bytes, bytes that end words, merges, specials. */
export function smallVocabulary(): Readonly<Record<string, number>> {
  const bytes = byteAlphabet();
  const tokens = [
    ...bytes,
    ...bytes.map((byte) => `${byte}</w>`),
    ...merges.map((pair) => pair.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

export const smallTokenizer = (pad = "<|endoftext|>"): Promise<PromptTokenizer> =>
  clipTokenizer(
    {
      className: "CLIPTokenizer",
      library: "transformers",
      config: {
        bos_token: { content: "<|startoftext|>" },
        eos_token: "<|endoftext|>",
        pad_token: pad,
        model_max_length: 77,
        tokenizer_class: "CLIPTokenizer",
      },
      files: new Map(
        Object.entries({
          "vocab.json": JSON.stringify(smallVocabulary()),
          "merges.txt": `#version: 0.2\n${merges.join("\n")}\n`,
        }).map(([name, text]) => [name, async () => text]),
      ),
      openWeights: () => Promise.reject(new Error("a tokenizer has no weights")),
    },
    77,
  );

/** Stable Diffusion in every block type and layer count, at a hundredth of its width. */
export async function randomStableDiffusion(version: 1 | 2 = 1) {
  const second = version === 2;
  const tokenizer = await smallTokenizer(second ? "!" : undefined);
  const configs = {
    text_encoder: {
      _class_name: "CLIPTextModel",
      architectures: ["CLIPTextModel"],
      vocab_size: tokenizer.size,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      max_position_embeddings: 77,
      hidden_act: second ? "gelu" : "quick_gelu",
      layer_norm_eps: 1e-5,
      eos_token_id: tokenizer.size - 1,
      torch_dtype: "float32",
    },
    unet: {
      _class_name: "UNet2DConditionModel",
      sample_size: 8,
      in_channels: 4,
      out_channels: 4,
      block_out_channels: [8, 16, 16, 16],
      layers_per_block: 2,
      down_block_types: [
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "DownBlock2D",
      ],
      up_block_types: [
        "UpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
      ],
      cross_attention_dim: 16,
      // In heads, whatever the field is called.
      attention_head_dim: second ? [2, 4, 4, 4] : 4,
      use_linear_projection: second,
      norm_num_groups: 4,
      act_fn: "silu",
      downsample_padding: 1,
      flip_sin_to_cos: true,
      freq_shift: 0,
      mid_block_scale_factor: 1,
    },
    vae: {
      _class_name: "AutoencoderKL",
      in_channels: 3,
      out_channels: 3,
      block_out_channels: [4, 8, 8, 8],
      down_block_types: Array(4).fill("DownEncoderBlock2D"),
      up_block_types: Array(4).fill("UpDecoderBlock2D"),
      layers_per_block: 2,
      latent_channels: 4,
      norm_num_groups: 4,
      act_fn: "silu",
      sample_size: 64,
      scaling_factor: 0.18215,
    },
    // As published with 1.5 and 2.1.
    scheduler: {
      _class_name: second ? "DDIMScheduler" : "PNDMScheduler",
      prediction_type: second ? "v_prediction" : "epsilon",
      beta_start: 0.00085,
      beta_end: 0.012,
      beta_schedule: "scaled_linear",
      num_train_timesteps: 1000,
      set_alpha_to_one: false,
      skip_prk_steps: true,
      steps_offset: 1,
      trained_betas: null,
      clip_sample: false,
    },
  };
  const rng = createRng("random folder");
  const fresh = (json: JsonObject) => {
    const arrays = initialise(componentSpecs(json), rng.fork(String(json._class_name)));
    fillZeros(arrays, () => rng.normal() / 5);
    return componentWeights(json, arrays);
  };
  const { text_encoder, unet, vae } = configs;
  return createModel({
    configs,
    tokenizer,
    weights: prefixed({
      text_encoder: fresh(text_encoder),
      unet: fresh(unet),
      vae: fresh(vae),
    }),
  });
}

export const writeRandomFolder = async (directory: string): Promise<void> =>
  saveModel(directory, await randomStableDiffusion());

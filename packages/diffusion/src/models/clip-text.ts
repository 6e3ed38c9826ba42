import { gelu, geluTanh, quickGelu } from "@tandem/graph/activation";
import { checkpoint } from "@tandem/graph/checkpoint";
import { add, equal, toFloat } from "@tandem/graph/elementwise";
import { gather, matmul } from "@tandem/graph/linear";
import { argMax, reshape, slice } from "@tandem/graph/shape";
import { constant, integers, type Tensor } from "@tandem/graph/tensor";
import { attention } from "./attention";
import { type Json, readConfig } from "./config";
import { layerNormalised, linear } from "./layers";
import type { Source } from "./source";

const activations = {
  quick_gelu: quickGelu,
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
};

export type ClipTextConfig = ReturnType<typeof parseClipText>;

export function parseClipText(json: Json) {
  // Transformers writes its defaults for generation into every config: other fields are not judged.
  const config = readConfig("CLIPTextModel", json);
  const parsed = {
    vocabularySize: config.natural("vocab_size", 49408),
    width: config.natural("hidden_size", 512),
    innerWidth: config.natural("intermediate_size", 2048),
    layers: config.natural("num_hidden_layers", 12),
    heads: config.natural("num_attention_heads", 8),
    length: config.natural("max_position_embeddings", 77),
    activation: config.one("hidden_act", ["quick_gelu", "gelu", "gelu_new", "gelu_pytorch_tanh"]),
    epsilon: config.real("layer_norm_eps", 1e-5),
    eos: config.natural("eos_token_id", 49407),
  };
  config.divides("num_attention_heads", parsed.heads, [parsed.width], "hidden_size");
  return parsed;
}

export type EncodedText = {
  /** (B, L, d), after the last layer and its norm: what the U-Net attends to. */
  readonly last: Tensor;
  /** (B, d), of `last` at the first end-of-text token. */
  readonly pooled: Tensor;
  /** The embeddings, then the output of each layer, before the last norm. */
  readonly hidden: readonly Tensor[];
};

/** ids (B, L), i64. */
export function clipText(p: Source, config: ClipTextConfig, ids: Tensor): EncodedText {
  const { width, epsilon } = config;
  const [batch, length] = ids.shape;
  const deviation = 0.02;
  const table = p.get(
    "text_model.embeddings.token_embedding.weight",
    [config.vocabularySize, width],
    { deviation },
  );
  const places = p.get("text_model.embeddings.position_embedding.weight", [config.length, width], {
    deviation,
  });
  const mask = causalMask(length);
  let x = add(gather(table, ids), slice(places, 0, 0, length)); // (B, L, d)
  const hidden = [x];
  for (let i = 0; i < config.layers; i++) {
    x = checkpoint([x], (x) => encoderLayer(p, config, `text_model.encoder.layers.${i}`, x, mask));
    hidden.push(x);
  }
  const last = layerNormalised(p, "text_model.final_layer_norm", x, epsilon);
  return { last, pooled: reshape(matmul(endOfText(config, ids), last), [batch, width]), hidden };
}

/** CLIPEncoderLayer on (B, L, d). */
function encoderLayer(
  p: Source,
  { width, innerWidth, heads, activation, epsilon }: ClipTextConfig,
  name: string,
  x: Tensor,
  mask: Tensor,
): Tensor {
  const first = layerNormalised(p, `${name}.layer_norm1`, x, epsilon);
  const h = add(
    x,
    attention(p, `${name}.self_attn`, first, first, {
      heads,
      mask,
      bias: true,
      names: { q: "q_proj", k: "k_proj", v: "v_proj", out: "out_proj" },
    }),
  );
  const second = layerNormalised(p, `${name}.layer_norm2`, h, epsilon);
  const inner = activations[activation](linear(p, `${name}.mlp.fc1`, second, innerWidth));
  return add(h, linear(p, `${name}.mlp.fc2`, inner, width));
}

function causalMask(length: number): Tensor {
  const later = (i: number) => i % length > Math.floor(i / length);
  const values = Array.from({ length: length * length }, (_, i) => (later(i) ? -1e9 : 0));
  return constant(values, [length, length]);
}

/** (B, 1, L): one at the first end-of-text token of each row, zero elsewhere. */
function endOfText({ eos }: ClipTextConfig, ids: Tensor): Tensor {
  const [batch, length] = ids.shape;
  // Published configs say eos = 2 by mistake: there the end is the token of the highest id.
  const first = argMax(eos === 2 ? ids : toFloat(equal(ids, integers([eos]))));
  const place = integers(Array.from({ length }, (_, i) => i));
  return reshape(toFloat(equal(reshape(first, [batch, 1]), place)), [batch, 1, length]);
}

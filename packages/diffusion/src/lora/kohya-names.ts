import { TandemError } from "@tandem/core/errors";

const prefixes = [
  ["lora_unet_", "unet."],
  ["lora_te1_", "text_encoder."],
  ["lora_te2_", "text_encoder_2."],
  ["lora_te_", "text_encoder."],
] as const;

/** Every part of diffusers' and CLIP's module names that holds an underscore itself. */
const compounds = [
  "add_embedding",
  "add_k_proj",
  "add_q_proj",
  "add_v_proj",
  "class_embedding",
  "conv_in",
  "conv_out",
  "conv_shortcut",
  "down_blocks",
  "k_proj",
  "linear_1",
  "linear_2",
  "mid_block",
  "out_proj",
  "patch_embedding",
  "position_embedding",
  "post_quant_conv",
  "proj_in",
  "proj_out",
  "q_proj",
  "quant_conv",
  "self_attn",
  "text_model",
  "text_projection",
  "time_emb_proj",
  "time_embedding",
  "to_k",
  "to_out",
  "to_q",
  "to_v",
  "token_embedding",
  "transformer_blocks",
  "up_blocks",
  "v_proj",
].sort((a, b) => b.length - a.length);

/** `unet.mid_block.attentions.0` -> `lora_unet_mid_block_attentions_0`. */
export function kohyaName(module: string): string {
  const text = module.startsWith("text_encoder_2.") ? "lora_te2_" : "lora_te_";
  const component = module.slice(0, module.indexOf(".") + 1);
  const prefix = component === "unet." ? "lora_unet_" : text;
  if (!prefixes.some(([, known]) => known === component))
    throw new TandemError(
      "not-supported",
      `"${module}": kohya's names are for ${prefixes.map(([, known]) => known).join(" ")}`,
    );
  return `${prefix}${module.slice(component.length).replaceAll(".", "_")}`;
}

/**
 * The way back, which underscores alone do not show. With the `modules` of the model it is looked
 * up; without them it is spelt with the parts that diffusers' models are made of.
 */
export function moduleOfKohya(modules?: Iterable<string>): (name: string) => string {
  if (!modules) return spelt;
  const known = new Map<string, string>();
  for (const module of modules) {
    const name = canonical(kohyaName(module));
    const other = known.get(name);
    if (other !== undefined && other !== module)
      throw new TandemError("conflict", `"${other}" and "${module}" are both ${name}`);
    known.set(name, module);
  }
  return (name) => {
    const found = known.get(canonical(name));
    if (found !== undefined) return found;
    throw new TandemError("bad-data", `"${name}" is no layer of this model`);
  };
}

const canonical = (name: string) => name.replace(/^lora_te1_/, "lora_te_");

function spelt(name: string): string {
  const [prefix, component] = prefixes.find(([start]) => name.startsWith(start)) ?? [];
  const parts: string[] = [];
  let rest = prefix ? name.slice(prefix.length) : "";
  while (rest !== "") {
    const compound = compounds.find((part) => rest === part || rest.startsWith(`${part}_`));
    const part = compound ?? rest.split("_", 1)[0];
    parts.push(part);
    rest = rest.slice(part.length + 1);
  }
  // SDXL's block numbers of the original code; nothing in them says which module of diffusers
  if (
    !component ||
    parts.length === 0 ||
    parts.includes("") ||
    /^(input|output|middle)$/.test(parts[0])
  )
    throw new TandemError(
      "not-supported",
      `"${name}" is not named after diffusers' modules: convert the adapter with diffusers first`,
    );
  return `${component}${parts.join(".")}`;
}

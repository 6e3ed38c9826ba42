import { TandemError } from "@tandem/core/errors";
import type { LoraRole } from "./adapter";

/** Endings of PEFT, of diffusers before it used PEFT, and of kohya's on diffusers' paths. */
const endings: readonly (readonly [RegExp, LoraRole])[] = [
  [/\.lora_A(\.default(_\d+)?)?\.weight$/, "down"], // with the adapter's name left in, or not
  [/\.lora_B(\.default(_\d+)?)?\.weight$/, "up"],
  [/\.lora(_linear_layer)?\.down\.weight$/, "down"],
  [/\.lora(_linear_layer)?\.up\.weight$/, "up"],
  [/\.lora_down\.weight$/, "down"],
  [/\.lora_up\.weight$/, "up"],
  [/(?<=_lora)\.down\.weight$/, "down"],
  [/(?<=_lora)\.up\.weight$/, "up"],
  [/\.alpha$/, "alpha"],
];

const components = ["unet", "text_encoder", "text_encoder_2", "text_encoder_3", "transformer"];
/** As PEFT calls one model, alone or behind its component. */
const wrapper = new RegExp(`^((?:(?:${components.join("|")})\\.)?)base_model\\.model\\.`);
/** How the module names of one model begin. */
const tops: readonly (readonly [RegExp, component: string])[] = [
  [/^text_model\./, "text_encoder"],
  [/^(conv_(in|out)|time_embedding|class_embedding|(down|up)_blocks\.\d+|mid_block)(\.|$)/, "unet"],
];

/** `attn1.processor.to_q_lora` -> `attn1.to_q`; CLIP's attention has other names for the same. */
function presentName(path: string): string {
  const plain = path.replace(".processor.", ".");
  const [, before, layer] = /^(.*)\.(\w+)_lora$/.exec(plain) ?? [];
  if (before === undefined) return plain;
  if (before.endsWith(".self_attn")) return `${before}.${layer.replace(/^to_(.*)/, "$1_proj")}`;
  return `${before}.${layer === "to_out" ? "to_out.0" : layer}`;
}

/**
 * Takes a tensor's name apart; undefined for one that is none of a LoRA. Throws `not-supported` for
 * a module of no model that is known, which `component` or the model's `modules` would tell.
 */
export function partOfPeft({
  component,
  modules,
}: {
  readonly component?: string | undefined;
  readonly modules?: Iterable<string>;
}): (tensor: string) => readonly [module: string, role: LoraRole] | undefined {
  const known = modules && new Set(modules);
  const wholeName = (path: string, tensor: string): string => {
    if (components.some((own) => path.startsWith(`${own}.`))) return path;
    const all = known ? components.filter((own) => known.has(`${own}.${path}`)) : [];
    const own =
      component ?? (all.length === 1 ? all[0] : tops.find(([pattern]) => pattern.test(path))?.[1]);
    if (own) return `${own}.${path}`;
    throw new TandemError(
      "not-supported",
      `"${tensor}" is of no model that is known: name it ${components[0]}.… or ${components[1]}.…`,
    );
  };
  return (tensor) => {
    const [ending, role] = endings.find(([pattern]) => pattern.test(tensor)) ?? [];
    if (!ending || !role) return undefined;
    const path = tensor.replace(ending, "").replace(wrapper, "$1");
    return [wholeName(presentName(path), tensor), role];
  };
}

import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, type TensorData } from "@tandem/core/tensor";
import { groupModules, type LoraAdapter, moduleOfParts, rankOf } from "./adapter";
import { kohyaName, moduleOfKohya } from "./kohya-names";

const suffixes = [
  [".lora_down.weight", "down"],
  [".lora_up.weight", "up"],
  [".alpha", "alpha"],
] as const;

export const isKohya = (arrays: Arrays): boolean =>
  Object.keys(arrays).some((name) => name.startsWith("lora_"));

/**
 * Reads the names of kohya's scripts, ComfyUI and A1111. With the full module names of the model
 * (`unet.…`) each name is looked up among them. Without `.alpha` alpha is the rank; an alpha of 0
 * is 0, as for diffusers, and the module changes nothing.
 */
export function readKohya(
  arrays: Arrays,
  options: { readonly modules?: Iterable<string> } = {},
): LoraAdapter {
  const moduleOf = moduleOfKohya(options.modules);
  const groups = groupModules(arrays, (name) => {
    const [suffix, role] = suffixes.find(([ending]) => name.endsWith(ending)) ?? [];
    return suffix && role && [moduleOf(name.slice(0, -suffix.length)), role];
  });
  return new Map(Array.from(groups, ([name, parts]) => [name, moduleOfParts(name, parts)]));
}

/** Kohya's names, with the metadata that A1111 shows. */
export function writeKohya(adapter: LoraAdapter): {
  readonly arrays: Arrays;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const arrays: Record<string, TensorData> = {};
  for (const [module, { down, up, alpha }] of adapter) {
    const name = kohyaName(module);
    if (`${name}.alpha` in arrays)
      throw new TandemError("conflict", `"${module}": another module is called ${name} too`);
    arrays[`${name}.lora_down.weight`] = down;
    arrays[`${name}.lora_up.weight`] = up;
    arrays[`${name}.alpha`] = f32([], [alpha]);
  }
  const ranks = new Set([...adapter.values()].map(rankOf));
  const alphas = new Set([...adapter.values()].map(({ alpha }) => alpha));
  const only = (values: ReadonlySet<number>) =>
    values.size === 1 ? [...values].join() : "Dynamic";
  return {
    arrays,
    metadata: {
      format: "pt",
      ss_network_module: "networks.lora",
      ss_network_dim: only(ranks),
      ss_network_alpha: only(alphas),
    },
  };
}

import { TandemError } from "@tandem/core/errors";
import { checkFinite } from "@tandem/core/finite";
import { type Arrays, sizeOf, type TensorData, type TensorOf } from "@tandem/core/tensor";
import { asSingle } from "@tandem/protocol/safetensors-stored";

/** f32, or f16 as the file had it. */
export type LoraMatrix = TensorOf<"f32"> | TensorOf<"f16">;

/** W' = W + (alpha / rank) B A (arXiv 2106.09685), for a linear or convolution layer. */
export type LoraModule = {
  /** A: (r, in) or (r, in, kh, kw). */
  readonly down: LoraMatrix;
  /** B: (out, r) or (out, r, 1, 1). */
  readonly up: LoraMatrix;
  readonly alpha: number;
};

/** By module name behind its component's: `unet.mid_block.attentions.0.proj_in`. */
export type LoraAdapter = ReadonlyMap<string, LoraModule>;

export const rankOf = ({ down }: LoraModule): number => down.shape[0];

/** A module from the arrays of a file; throws `bad-data` with the module's name if they do not fit. */
export function loraModule(
  name: string,
  {
    down,
    up,
    alpha,
    tensors = [],
  }: {
    readonly down: TensorData | undefined;
    readonly up: TensorData | undefined;
    readonly alpha?: number | undefined;
    /** What a file calls them, for messages. */
    readonly tensors?: readonly string[];
  },
): LoraModule {
  const files = tensors.length > 0 ? ` (${tensors.map((tensor) => `"${tensor}"`).join(", ")})` : "";
  const bad = (what: string) => new TandemError("bad-data", `LoRA of "${name}"${files}: ${what}`);
  if (!down || !up) throw bad(`${down ? "up (B)" : "down (A)"} is missing`);
  if (!isMatrix(down) || !isMatrix(up)) throw bad(`${down.dtype} and ${up.dtype}, not f32 or f16`);
  const [rank] = down.shape;
  const shapes = `[${down.shape}] and [${up.shape}]`;
  if (![2, 4].includes(down.shape.length) || up.shape.length !== down.shape.length)
    throw bad(`${shapes} are no linear or convolution layer`);
  if (rank < 1) throw bad(`${shapes} have rank ${rank}`);
  if (up.shape[1] !== rank || sizeOf(up.shape.slice(2)) !== 1)
    throw bad(`${shapes} do not share a rank`);
  const scale = alpha ?? rank;
  if (!Number.isFinite(scale)) throw bad(`alpha = ${scale}`);
  return { down, up, alpha: scale };
}

const isMatrix = (array: TensorData): array is LoraMatrix =>
  array.dtype === "f32" || array.dtype === "f16";

export type LoraRole = "down" | "up" | "alpha";
/** What a file holds of a module: its arrays, and what each is called there. */
export type LoraParts = {
  readonly [R in LoraRole]?: { readonly tensor: string; readonly array: TensorData };
};

/** Adapters of other kinds, by what their tensors are called. */
const others: readonly (readonly [RegExp, string])[] = [
  [/\.hada_/, "part of a LoHa"],
  [/\.lokr_/, "part of a LoKr"],
  [/\.(dora_scale|lora_magnitude_vector)/, "part of a DoRA"],
  [/\.lora_mid\./, "part of a Tucker decomposition"],
  [/\.lora_embedding_/, "LoRA of an embedding"],
  [/\.diff(_b)?$/, "a whole difference of weights"],
  [/\.bias$/, "a bias"],
  [/^bundle_emb\./, "an embedding, without which its word means something else in prompts"],
];

/**
 * The arrays of a file by module and role. `split` takes a name apart; what it cannot is refused
 * with its name, because an adapter that is applied in part looks like one that was applied; so are
 * numbers that are not finite.
 */
export function groupModules(
  arrays: Arrays,
  split: (name: string) => readonly [module: string, role: LoraRole] | undefined,
): ReadonlyMap<string, LoraParts> {
  const modules = new Map<string, LoraParts>();
  for (const [tensor, array] of Object.entries(arrays)) {
    const parts = split(tensor);
    if (!parts) {
      const kind = others.find(([pattern]) => pattern.test(tensor))?.[1] ?? "no tensor of a LoRA";
      throw new TandemError(
        "not-supported",
        `"${tensor}" [${array.shape}] is ${kind}: only LoRA of linear and convolution layers is read`,
      );
    }
    checkFinite(`"${tensor}"`, asSingle(array), "its training diverged or the file is damaged");
    const [module, role] = parts;
    const found = modules.get(module);
    if (found?.[role]) throw new TandemError("bad-data", `"${module}" has two tensors for ${role}`);
    modules.set(module, { ...found, [role]: { tensor, array } });
  }
  if (modules.size === 0) throw new TandemError("bad-data", "the adapter holds no tensors");
  return modules;
}

/** As `loraModule`, and with the tensors' names in what it throws. */
export function moduleOfParts(
  name: string,
  { down, up, alpha: own }: LoraParts,
  alpha = own && scalarOf(own),
): LoraModule {
  const tensors = [down, up, own].flatMap((part) => part?.tensor ?? []);
  return loraModule(name, { down: down?.array, up: up?.array, alpha, tensors });
}

/** The one number of an array, whatever its dtype and shape. */
export function scalarOf({ tensor, array }: NonNullable<LoraParts[LoraRole]>): number {
  const { data } = asSingle(array);
  if (data.length === 1) return data[0];
  throw new TandemError("bad-data", `"${tensor}" has ${data.length} values, alpha is one number`);
}

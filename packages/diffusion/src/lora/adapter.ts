import { TandemError } from "@tandem/core/errors";
import { type Arrays, sizeOf, type TensorData, type TensorOf } from "@tandem/core/tensor";

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
  }: {
    readonly down: TensorData | undefined;
    readonly up: TensorData | undefined;
    readonly alpha?: number | undefined;
  },
): LoraModule {
  const bad = (what: string) => new TandemError("bad-data", `LoRA of "${name}": ${what}`);
  if (!down || !up) throw bad(`${down ? "up (B)" : "down (A)"} is missing`);
  if (!isMatrix(down) || !isMatrix(up)) throw bad(`${down.dtype} and ${up.dtype}, not f32 or f16`);
  const [rank] = down.shape;
  const shapes = `[${down.shape}] and [${up.shape}]`;
  if (![2, 4].includes(down.shape.length) || up.shape.length !== down.shape.length)
    throw bad(`${shapes} are no linear or convolution layer`);
  if (rank < 1 || up.shape[1] !== rank || sizeOf(up.shape.slice(2)) !== 1)
    throw bad(`${shapes} do not share a rank`);
  const scale = alpha ?? rank;
  if (!Number.isFinite(scale)) throw bad(`alpha = ${scale}`);
  return { down, up, alpha: scale };
}

const isMatrix = (array: TensorData): array is LoraMatrix =>
  array.dtype === "f32" || array.dtype === "f16";

export type LoraRole = "down" | "up" | "alpha";
export type LoraParts = { readonly [R in LoraRole]?: TensorData };

/**
 * The arrays of a file by module and role. `split` takes a name apart; what it cannot is refused,
 * because an adapter that is applied in part looks like one that was applied.
 */
export function groupModules(
  arrays: Arrays,
  split: (name: string) => readonly [module: string, role: LoraRole] | undefined,
): ReadonlyMap<string, LoraParts> {
  const modules = new Map<string, LoraParts>();
  for (const [name, array] of Object.entries(arrays)) {
    const parts = split(name);
    if (!parts)
      throw new TandemError("not-supported", `"${name}" [${array.shape}] is no tensor of a LoRA`);
    const [module, role] = parts;
    const found = modules.get(module);
    if (found?.[role]) throw new TandemError("bad-data", `"${module}" has two tensors for ${role}`);
    modules.set(module, { ...found, [role]: array });
  }
  if (modules.size === 0) throw new TandemError("bad-data", "the adapter holds no tensors");
  return modules;
}

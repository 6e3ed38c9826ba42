import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import { addPrefix, type TensorOf, underPrefix } from "@tandem/core/tensor";
import { type Component, type ComponentContent, openFolder, writeFolder } from "./files/folder";
import { castSource, sourceOf } from "./files/weight-files";
import { type ClipTextConfig, parseClipText } from "./models/clip-text";
import { type CodecConfig, latentShape, parseCodec } from "./models/codec";
import { parseUnet, type UnetConfig } from "./models/unet-config";
import { counted, readWeights, type Weights } from "./models/weights";
import { openTokenizer } from "./tokenizers/open-tokenizer";
import type { PromptTokenizer } from "./tokenizers/prompt-tokenizer";

/** The `config.json` of each component, as it is read and written. */
export type ModelConfigs = {
  readonly text_encoder: JsonObject;
  readonly unet: JsonObject;
  readonly vae: JsonObject;
  /** With its `_class_name`. */
  readonly scheduler: JsonObject;
};

/** A text-to-image model: plain data but for the tokenizer. */
export type DiffusionModel = {
  readonly configs: ModelConfigs;
  readonly text: ClipTextConfig;
  readonly unet: UnetConfig;
  readonly codec: CodecConfig;
  readonly tokenizer: PromptTokenizer;
  /** Names begin with "text_encoder.", "unet." or "vae.". */
  readonly weights: Readonly<Record<string, TensorOf<"f32">>>;
  /** Height and width in pixels that the U-Net was trained for. */
  readonly size: readonly [height: number, width: number];
};

const weighty = ["text_encoder", "unet", "vae"] as const;

/** Puts the parts together; throws `bad-config` where they do not fit each other. */
export function createModel(parts: {
  readonly configs: ModelConfigs;
  readonly tokenizer: PromptTokenizer;
  readonly weights: Weights;
}): DiffusionModel {
  const { configs, tokenizer } = parts;
  const [text, unet] = [parseClipText(configs.text_encoder), parseUnet(configs.unet)];
  const codec = parseCodec(configs.vae);
  const fit = (what: string, a: number, b: number) => {
    if (a !== b) throw new TandemError("bad-config", `${what}: ${a} and ${b} should be equal`);
  };
  const factor = factorOf(codec);
  fit(
    "in_channels of the U-Net and channels of the latents",
    unet.inputs,
    latentShape(codec, [factor, factor])[0],
  );
  fit("in_channels and out_channels of the U-Net", unet.inputs, unet.outputs);
  fit("cross_attention_dim and hidden_size of the text encoder", unet.contextWidth, text.width);
  if (unet.classWidth > 0)
    fit("projection_class_embeddings_input_dim and hidden_size", unet.classWidth, text.width);
  if (tokenizer.size > text.vocabularySize)
    throw new TandemError(
      "bad-config",
      `the tokenizer has ${tokenizer.size} ids, vocab_size is ${text.vocabularySize}`,
    );
  return { ...parts, text, unet, codec, size: sizeOf(configs.unet, codec) };
}

/** Pixels a side for each latent. */
const factorOf = (codec: CodecConfig) => 2 ** 16 / latentShape(codec, [2 ** 16, 2 ** 16])[1];

function sizeOf(unet: JsonObject, codec: CodecConfig): DiffusionModel["size"] {
  const [height, width] = sidesOf(unet.sample_size);
  const factor = factorOf(codec);
  return [height * factor, width * factor];
}

/** diffusers' default is 64 latents a side. */
function sidesOf(field: unknown): readonly [number, number] {
  const sides = Array.isArray(field) ? field : [field ?? 64, field ?? 64];
  if (sides.length === 2 && sides.every((side) => Number.isSafeInteger(side) && side > 0))
    return [sides[0], sides[1]];
  throw new TandemError("bad-config", `sample_size of the U-Net is ${JSON.stringify(field)}`);
}

const needed = ["text_encoder", "tokenizer", "unet", "vae", "scheduler"];

/**
 * Reads a pipeline folder in diffusers' layout, weights as f32. Each component has its own variant;
 * `notice` is told where it is not the one asked for, and of tensors that no parameter asks for. A VAE may lack its encoder.
 */
export async function loadModel(
  directory: string,
  options: { readonly variant?: string; readonly notice?: (text: string) => void } = {},
): Promise<DiffusionModel> {
  const { variant, notice } = options;
  const { part, configs } = await openParts(directory, variant);
  const { length } = parseClipText(configs.text_encoder);
  const weights: Record<string, Weights[string]> = {};
  const opened = new Map<(typeof weighty)[number], Awaited<ReturnType<Component["openWeights"]>>>();
  try {
    for (const name of weighty)
      if (part(name).className !== "PixelShuffle") opened.set(name, await part(name).openWeights());
    noticeVariants(directory, { wanted: variant, opened, notice });
    for (const [name, source] of opened) {
      const own = await readWeights(configs[name], source);
      Object.assign(weights, addPrefix(`${name}.`, own.weights));
      if (own.surplus.length > 0)
        notice?.(`${name}: left aside ${counted(own.surplus)}: ${part(name).className} has none`);
    }
  } finally {
    for (const source of opened.values()) await source.close();
  }
  const tokenizer = await openTokenizer(part("tokenizer"), length);
  return createModel({ configs, tokenizer, weights });
}

/** What `loadModel` would give as `size`, from the configurations alone; throws what these are refused for. */
export async function readModelSize(directory: string): Promise<DiffusionModel["size"]> {
  const { configs } = await openParts(directory);
  return sizeOf(configs.unet, parseCodec(configs.vae));
}

async function openParts(directory: string, variant?: string) {
  const { components } = await openFolder(directory, { ...(variant && { variant }), needed });
  const part = (name: string): Component => {
    const found = components.get(name);
    if (found) return found;
    throw new TandemError(
      "not-found",
      `${directory} has no component "${name}"; it has ${[...components.keys()].join(", ")}`,
    );
  };
  const configOf = (name: string): JsonObject => {
    const { className, config } = part(name);
    return { ...config, _class_name: className };
  };
  const configs: ModelConfigs = {
    text_encoder: configOf("text_encoder"),
    unet: configOf("unet"),
    vae: configOf("vae"),
    scheduler: configOf("scheduler"),
  };
  return { part, configs };
}

/** Throws `not-found` where no component has the wanted variant. */
function noticeVariants(
  directory: string,
  {
    wanted,
    opened,
    notice,
  }: {
    readonly wanted: string | undefined;
    readonly opened: ReadonlyMap<string, { readonly variant?: string | undefined }>;
    readonly notice: ((text: string) => void) | undefined;
  },
): void {
  const used = [...opened.values()].map(({ variant }) => variant);
  if (wanted && opened.size > 0 && !used.includes(wanted))
    throw new TandemError("not-found", `${directory} has no weights of variant ${wanted}`);
  const called = (variant: string | undefined) =>
    variant ? `${variant} weights` : "plain weights";
  for (const [name, { variant }] of opened)
    if (variant !== wanted)
      notice?.(`${name}: ${called(variant)}, as there are no ${called(wanted)}`);
}

/** Writes a folder that `loadModel` and, where all classes are its own, diffusers read. */
export async function saveModel(
  directory: string,
  model: DiffusionModel,
  options: { readonly half?: boolean } = {},
): Promise<void> {
  const { configs, tokenizer, weights } = model;
  const component = (name: keyof ModelConfigs): ComponentContent => {
    const config = configs[name];
    const className = String(config._class_name);
    const own = underPrefix(`${name}.`, weights);
    const source = sourceOf(own);
    return {
      className,
      library: libraryOf(className),
      config,
      ...(Object.keys(own).length > 0 && {
        weights: options.half ? castSource(source, "F16") : source,
      }),
    };
  };
  await writeFolder(directory, {
    className: "StableDiffusionPipeline",
    components: new Map<string, ComponentContent>([
      ["text_encoder", component("text_encoder")],
      ["tokenizer", tokenizer],
      ["unet", component("unet")],
      ["vae", component("vae")],
      ["scheduler", component("scheduler")],
    ]),
    settings: { requires_safety_checker: false },
  });
}

function libraryOf(className: string): string {
  if (className === "PixelShuffle") return "tandem";
  return className.startsWith("CLIP") ? "transformers" : "diffusers";
}

/** Fresh weights by name, "unet." and so on before them, as a model takes them. */
export const prefixed = (parts: Readonly<Record<string, Weights>>): Weights =>
  Object.assign({}, ...Object.entries(parts).map(([name, own]) => addPrefix(`${name}.`, own)));

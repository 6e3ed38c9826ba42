import { TandemError } from "@tandem/core/errors";
import { input } from "@tandem/graph/tensor";
import { currentKlName, decodeKl, encodeKl, parseAutoencoderKl } from "./autoencoder-kl";
import { decodeTiny, encodeTiny, parseAutoencoderTiny } from "./autoencoder-tiny";
import { clipText, parseClipText } from "./clip-text";
import type { Json } from "./config";
import type { ParameterSpec } from "./parameters";
import { createSource, type Source } from "./source";
import { unet } from "./unet";
import { parseUnet } from "./unet-config";

export type ComponentClass =
  | "CLIPTextModel"
  | "UNet2DConditionModel"
  | "AutoencoderKL"
  | "AutoencoderTiny"
  | "PixelShuffle";

type Component = {
  /** Asks the source for every parameter of the model. */
  readonly trace: (p: Source, json: Json) => void;
  /** The present name of a tensor in a file; undefined for one that the model does not need. */
  readonly nameOf?: (stored: string) => string | undefined;
  /** Parameters that a file may lack, all together. */
  readonly optional?: RegExp;
};

const components: Readonly<Record<ComponentClass, Component>> = {
  CLIPTextModel: {
    trace: (p, json) => void clipText(p, parseClipText(json), input("ids", [1, 1], "i64")),
    // A buffer of old files, and the projection that only CLIPTextModelWithProjection uses.
    nameOf: (stored) =>
      /(^|\.)(position_ids|text_projection\.weight)$/.test(stored) ? undefined : stored,
  },
  UNet2DConditionModel: {
    trace: (p, json) => {
      const config = parseUnet(json);
      const side = 2 ** (config.widths.length - 1);
      unet(p, config, {
        sample: input("sample", [1, config.inputs, side, side]),
        timestep: input("timestep", [1]),
        context: input("context", [1, 1, config.contextWidth]),
        classLabels: input("classLabels", [1, config.classWidth]),
      });
    },
  },
  AutoencoderKL: {
    trace: (p, json) => {
      const config = parseAutoencoderKl(json);
      const side = 2 ** (config.widths.length - 1);
      const { mean } = encodeKl(p, config, input("x", [1, config.channels, side, side]));
      decodeKl(p, config, mean);
    },
    nameOf: currentKlName,
    optional: /^(encoder|quant_conv)\./,
  },
  AutoencoderTiny: {
    trace: (p, json) => {
      const config = parseAutoencoderTiny(json);
      const side = 2 ** (config.encoderWidths.length - 1);
      decodeTiny(p, config, encodeTiny(p, config, input("x", [1, config.channels, side, side])));
    },
    optional: /^encoder\./,
  },
  PixelShuffle: { trace: () => {} },
};

/** The class that a component's `config.json` names. */
export function classOf(json: Json): ComponentClass {
  const named = json._class_name ?? (Array.isArray(json.architectures) && json.architectures[0]);
  if (typeof named === "string" && Object.hasOwn(components, named)) return named as ComponentClass;
  throw new TandemError(
    "not-supported",
    `a component of class ${JSON.stringify(named)}; supported: ${Object.keys(components).join(", ")}`,
  );
}

/** Name, shape and initial values of every parameter of a component. */
export function componentSpecs(json: Json): ReadonlyMap<string, ParameterSpec> {
  const source = createSource();
  components[classOf(json)].trace(source, json);
  return source.specs;
}

/** Whether a file may lack a parameter, if it lacks all such. */
export const isOptional = (json: Json, name: string): boolean =>
  components[classOf(json)].optional?.test(name) ?? false;

export const storedNames = (json: Json): ((stored: string) => string | undefined) =>
  components[classOf(json)].nameOf ?? ((stored) => stored);

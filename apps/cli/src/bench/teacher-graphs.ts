import { createRng } from "@tandem/core/rng";
import type { Arrays } from "@tandem/core/tensor";
import type { DiffusionModel } from "@tandem/diffusion/diffusion-model";
import { type GraphShape, traceDenoiser } from "@tandem/diffusion/models/graphs";
import { initialise } from "@tandem/diffusion/models/parameters";
import { createSource, type LoraTargets } from "@tandem/diffusion/models/source";
import { traceGradient, traceObjective, traceUpdate } from "@tandem/diffusion/training/objective";
import { layoutSize } from "@tandem/graph/layout";
import { ids, type Values, value } from "@tandem/graph/onnx-session";
import { size } from "@tandem/graph/tensor";
import type { ProfiledGraph } from "./profile";

const rng = createRng("bench");
const random = (shape: readonly number[], scale = 1) =>
  value(
    Float32Array.from({ length: size(shape) }, () => scale * rng.normal()),
    shape,
  );
const filled = (shape: readonly number[], number: number) =>
  value(new Float32Array(size(shape)).fill(number), shape);

/** The U-Net with the texts encoded before, on random inputs. */
export function denoiserGraph(
  { unet, text, weights }: DiffusionModel,
  shape: GraphShape,
): ProfiledGraph {
  const { batch, length, latents } = shape;
  const source = createSource();
  const output = traceDenoiser(source, unet, shape);
  return {
    outputs: { output },
    inputs: {
      ...weightValues(weights, [...source.specs.keys()]),
      sample: random([batch, ...latents]),
      timestep: filled([batch], 500),
      context: random([batch, length, unet.contextWidth]),
      ...(unet.classWidth > 0 && { pooled: random([batch, text.width]) }),
    },
  };
}

/** What one step of the trainer runs: the gradient, then the update. */
export function trainingGraphs(
  model: DiffusionModel,
  shape: GraphShape,
  options: { readonly lora?: LoraTargets; readonly average: boolean },
): readonly ProfiledGraph[] {
  const { batch, length, latents } = shape;
  const { lora, average } = options;
  const training = traceObjective(model, {
    shape,
    lora,
    trained: (name) => !lora || name.includes(".lora_"),
    nearBase: false,
  });
  const count = layoutSize(training.layout);
  const trained = new Set(training.layout.map(({ name }) => name));
  const frozen = [...training.specs.keys()].filter((name) => !trained.has(name));
  const fresh = initialise(training.specs, rng, (name) => !(name in model.weights));
  const vector = (scale: number) => random([count], scale);
  const gradient: ProfiledGraph = {
    outputs: traceGradient(training),
    inputs: {
      ...weightValues({ ...model.weights, ...fresh }, frozen),
      ids: ids(model.tokenizer.encode(Array.from({ length: batch }, () => "a word")), [
        batch,
        length,
      ]),
      sample: random([batch, ...latents]),
      target: random([batch, ...latents]),
      timestep: filled([batch], 500),
      weights: filled([batch], 1),
      trained: vector(0.02),
      sum: vector(0),
      keep: filled([], 0),
      share: filled([], 1),
    },
  };
  const update: ProfiledGraph = {
    outputs: traceUpdate(count, { clip: 1, weightDecay: 0, average }),
    inputs: {
      gradient: vector(0.01),
      trained: vector(0.02),
      "m:trained": vector(0.01),
      "v:trained": filled([count], 1e-4),
      learningRate: filled([], 1e-5),
      correction1: filled([], 0.1),
      correction2: filled([], 0.001),
      ...(average && { average: vector(0.02), pace: filled([], 0.05) }),
    },
  };
  return [gradient, update];
}

function weightValues(weights: Arrays, names: readonly string[]): Values {
  return Object.fromEntries(
    names.map((name) => {
      const { data, shape, dtype } = weights[name];
      if (dtype !== "f32") throw new Error(`${name} is ${dtype}`);
      return [name, value(data, shape)];
    }),
  );
}

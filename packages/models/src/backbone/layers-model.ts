import { messageOf, TandemError } from "@tandem/core/errors";
import { sizeOf } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { type BackboneFiles, mebibyte, most, refused } from "./files";
import { type ModelInputShape, shown, wanted } from "./shapes";
import { checkTopology } from "./topology";

/** A built model and how many layers it has. The caller disposes of its weights. */
export type Built = { readonly model: tfl.LayersModel; readonly layers: number };

/** tfjs's own `dispose` leaves those of a model within another. */
export const disposeWeights = (model: tfl.LayersModel): void => tf.dispose(model.getWeights());

/** Throws `bad-data` or `too-large`, naming the layer. */
export async function buildLayersModel(files: BackboneFiles): Promise<Built> {
  const { length: layers } = checkTopology(files.topology);
  let model: tfl.LayersModel | undefined;
  try {
    const built = await inTurn(() => withinBudget(files.topology));
    model = built;
    const { buffer } = files.weights.slice();
    tf.tidy(() => built.loadWeights(tf.io.decodeWeights(buffer, [...files.specs])));
    return { model, layers };
  } catch (error) {
    if (model) disposeWeights(model);
    if (error instanceof TandemError) throw error;
    throw refused(`tfjs cannot build it: ${messageOf(error)}`);
  }
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: the budget is of one model at a time. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work);
  last = next.catch(() => undefined);
  return next;
}

type AddWeight = (
  this: tfl.layers.Layer,
  name: string,
  shape: readonly number[],
  dtype: tf.DataType | undefined,
  initializer: unknown,
  ...rest: unknown[]
) => tfl.LayerVariable;
const prototype = tfl.layers.Layer.prototype as unknown as { addWeight: AddWeight };
const { addWeight } = prototype;

/**
 * The model with zeros for weights. A topology can ask for layers far larger than its weight files: none
 * is allocated beyond the bound.
 */
async function withinBudget(modelTopology: object): Promise<tfl.LayersModel> {
  let left = most.weights * mebibyte;
  const made: tfl.LayerVariable[] = [];
  prototype.addWeight = function (name, shape, dtype, _, ...rest) {
    left -= 4 * sizeOf(shape);
    if (!(left >= 0))
      throw new TandemError(
        "too-large",
        `model: layer "${this.name}" asks for a ${name} of [${shape}], more than the ${most.weights} MiB that all weights may have: use a smaller model.`,
      );
    const weight = addWeight.call(this, name, shape, dtype, tfl.initializers.zeros(), ...rest);
    made.push(weight);
    return weight;
  };
  try {
    return await tfl.loadLayersModel({ load: async () => ({ modelTopology }) });
  } catch (error) {
    for (const weight of made) weight.dispose();
    throw error;
  } finally {
    prototype.addWeight = addWeight;
  }
}

/** The model up to the layer of that name, or its whole. Shares the model's weights. */
export function cutAt(model: tfl.LayersModel, layer: string | undefined): tfl.LayersModel {
  if (layer === undefined) return model;
  const found = model.layers.find(({ name }) => name === layer);
  if (!found) {
    const names = model.layers.slice(-12).map(({ name }) => name);
    throw refused(`it has no layer "${layer}": its last are ${names.join(", ")}.`);
  }
  // A model within has been called twice: to make it, and in this one, which alone can be reached.
  for (let call = found.inboundNodes.length - 1; call >= 0; call--)
    try {
      const outputs = found.getOutputAt(call);
      return tfl.model({ inputs: model.inputs, outputs });
    } catch (error) {
      if (call === 0) throw refused(`it cannot be cut at layer "${layer}": ${messageOf(error)}`);
    }
  throw refused(`nothing reaches layer "${layer}"`);
}

/** Numbers of one picture between two layers. */
const mostValues = 2 ** 24;

/** Its one input; throws `bad-data` unless there is one, and one output of features or a map of them. */
export function inputOf(model: tfl.LayersModel): ModelInputShape {
  for (const { name, inboundNodes } of model.layers)
    for (const shape of inboundNodes.flatMap(({ outputShapes }) => outputShapes)) {
      const values = (shape as tfl.Shape).reduce<number>((size, n) => size * (n ?? 1), 1);
      if (values > mostValues)
        throw refused(
          `layer "${name}" makes ${values} numbers of one picture, more than ${mostValues}: use a smaller input or model.`,
        );
    }
  const one = (what: string, all: readonly tfl.SymbolicTensor[]) => {
    if (all.length === 1) return all[0];
    const names = all.map(({ name }) => name).join(", ");
    throw refused(
      `it has ${all.length} ${what}s (${names}), and must have one${what === "output" ? ": name the layer whose output the features are" : ""}.`,
    );
  };
  const [input, output] = [one("input", model.inputs), one("output", model.outputs)];
  if (output.shape.length !== 2 && output.shape.length !== 4)
    throw refused(`its output is [${output.shape.map(shown)}], ${wanted}`);
  return { shape: input.shape, dtype: input.dtype };
}

import { TandemError } from "@tandem/core/errors";
import { encodeOnnx } from "@tandem/graph/onnx";
import { constant, input, type Tensor } from "@tandem/graph/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { SymbolicTensor } from "@tensorflow/tfjs-layers";
import { conversions, type LayerWeights } from "./onnx-layers";
import { extentsOf } from "./stock";

type Layer = SymbolicTensor["sourceLayer"];

/**
 * What the symbolic outputs of a tfjs model compute, as an ONNX model of any batch size: inputs and outputs
 * under their names, ids as int64. Throws `not-supported` for a layer that has no conversion.
 */
export async function onnxOf(
  outputs: Readonly<Record<string, SymbolicTensor>>,
): Promise<Uint8Array> {
  const weights = new Map<Layer, LayerWeights>();
  for (const layer of layersBehind(Object.values(outputs)))
    weights.set(layer, await weightsOf(layer));

  const traced = new Map<SymbolicTensor, Tensor>();
  /** Of tokens (1, L, 1), for layers that take them from the layer before. */
  const masks = new Map<Tensor, Tensor>();
  const trace = (x: SymbolicTensor): Tensor => {
    const known = traced.get(x);
    if (known) return known;
    const { sourceLayer: layer } = x;
    const kind = layer.getClassName();
    let y: Tensor;
    if (kind === "InputLayer")
      y = input(layer.name, [1, ...extentsOf(x)], x.dtype === "int32" ? "i64" : "f32");
    else {
      const convert = conversions[kind];
      if (!convert)
        throw new TandemError(
          "not-supported",
          `Layer "${layer.name}" is a ${kind}, which is not written as ONNX: use one of ${Object.keys(conversions).join(", ")}.`,
        );
      y = convert({
        inputs: inputsOf(x).map(trace),
        name: layer.name,
        config: layer.getConfig(),
        weights: weights.get(layer) ?? [],
        masks,
      });
    }
    if (String(y.shape.slice(1)) !== String(extentsOf(x)))
      throw new Error(
        `layer "${layer.name}" gives [${extentsOf(x)}], its ONNX [${y.shape.slice(1)}]`,
      );
    traced.set(x, y);
    return y;
  };
  const graph = Object.entries(outputs).map(([name, x]) => [name, trace(x)] as const);
  return encodeOnnx(Object.fromEntries(graph), { batch: "batch" });
}

const inputsOf = ({ sourceLayer, nodeIndex }: SymbolicTensor): readonly SymbolicTensor[] =>
  sourceLayer.inboundNodes[nodeIndex].inputTensors;

function layersBehind(outputs: readonly SymbolicTensor[]): ReadonlySet<Layer> {
  const layers = new Set<Layer>();
  const open = [...outputs];
  for (let x = open.pop(); x; x = open.pop()) {
    if (layers.has(x.sourceLayer)) continue;
    layers.add(x.sourceLayer);
    open.push(...inputsOf(x));
  }
  return layers;
}

const weightsOf = (layer: Layer): Promise<LayerWeights> =>
  Promise.all(
    layer.weights.map(async (weight) => {
      const tensor: tf.Tensor = weight.read();
      return constant((await tensor.data()) as Float32Array, tensor.shape);
    }),
  );

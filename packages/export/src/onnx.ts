import { encodeOnnx } from "@tandem/graph/onnx";
import { constant, input, type Tensor } from "@tandem/graph/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { conversions, type LayerWeights, writable } from "./onnx-layers";
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
    if (!isModel(layer)) weights.set(layer, await weightsOf(layer));

  /** Of tokens (1, L, 1), for layers that take them from the layer before. */
  const masks = new Map<Tensor, Tensor>();
  /** Of one model, or of one within it. */
  const tracer = (traced: Map<SymbolicTensor, Tensor>) => {
    const trace = (x: SymbolicTensor): Tensor => {
      const known = traced.get(x);
      if (known) return known;
      const y = written(x, trace);
      const shape = extentsOf(x);
      const row = y.shape.slice(1);
      const isOdd = row.some((extent, i) => shape[i] > 0 && extent !== shape[i]); // 0: any
      if (isOdd || row.length !== shape.length)
        throw new Error(`Layer "${x.sourceLayer.name}" gives [${shape}], its ONNX [${row}].`);
      traced.set(x, y);
      return y;
    };
    return trace;
  };
  const written = (x: SymbolicTensor, trace: (x: SymbolicTensor) => Tensor): Tensor => {
    const { sourceLayer: layer } = x;
    if (layer.getClassName() === "InputLayer")
      return input(layer.name, [1, ...extentsOf(x)], x.dtype === "int32" ? "i64" : "f32");
    const given = inputsOf(x).map(trace);
    if (isModel(layer)) {
      const inner = new Map(layer.inputs.map((own, i) => [own, given[i]] as const));
      return tracer(inner)(layer.outputs[callOf(x).outputTensors.indexOf(x)]);
    }
    const kind = writable(layer.getClassName(), layer.name);
    return conversions[kind]({
      inputs: given,
      name: layer.name,
      config: layer.getConfig(),
      weights: weights.get(layer) ?? [],
      masks,
    });
  };
  const trace = tracer(new Map());
  const graph = Object.entries(outputs).map(([name, x]) => [name, trace(x)] as const);
  return encodeOnnx(Object.fromEntries(graph), { batch: "batch" });
}

/** Where its layer was applied. */
const callOf = ({ sourceLayer, nodeIndex }: SymbolicTensor) => sourceLayer.inboundNodes[nodeIndex];
const inputsOf = (x: SymbolicTensor): readonly SymbolicTensor[] => callOf(x).inputTensors;
const isModel = (layer: object): layer is LayersModel => "layers" in layer;

function layersBehind(outputs: readonly SymbolicTensor[]): ReadonlySet<Layer> {
  const layers = new Set<Layer>();
  const open = [...outputs];
  for (let x = open.pop(); x; x = open.pop()) {
    if (layers.has(x.sourceLayer)) continue;
    layers.add(x.sourceLayer);
    open.push(...inputsOf(x), ...(isModel(x.sourceLayer) ? x.sourceLayer.outputs : []));
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

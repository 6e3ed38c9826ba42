import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { isObject, refused } from "./files";

type Json = Readonly<Record<string, unknown>>;
type LayerJson = { readonly name: string; readonly kind: string; readonly config: Json };

/** Names of the layers that tfjs brings, as model files have them. */
const stock: ReadonlySet<string> = new Set(
  Object.entries(tf.serialization.SerializationMap.getMap().classNameMap).flatMap(
    ([name, [type]]) => (isLayer(type) ? [name] : []),
  ),
);

function isLayer(type: { readonly prototype: unknown }): boolean {
  return type.prototype instanceof tfl.layers.Layer;
}

const containers = ["Model", "Functional", "Sequential"];

/**
 * The layers of a LayersModel's topology in its order, with those of models within it. Throws `bad-data`
 * where one is not of tfjs, or where tfjs would wait for ever for the input of one.
 */
export function checkTopology(topology: object): readonly LayerJson[] {
  const model = (topology as Json).model_config ?? topology;
  const top = layerOf(isObject(model) ? { name: "the model", ...model } : model);
  if (!containers.includes(top.kind))
    throw refused(`${top.kind} is no model of layers: save a Sequential or functional one.`);
  return layersIn(top, 0);
}

function layerOf(value: unknown): LayerJson {
  const { class_name: kind, config, name } = isObject(value) ? value : {};
  if (typeof kind !== "string") throw refused("its topology has a layer without a class_name");
  const own = isObject(config) ? config : Array.isArray(config) ? { layers: config } : {};
  return { kind, config: own, name: String(own.name ?? name ?? kind) };
}

const deepest = 8;

function layersIn(layer: LayerJson, depth: number): readonly LayerJson[] {
  const { name, kind, config } = layer;
  if (!stock.has(kind))
    throw refused(
      `layer "${name}" is a ${kind}, which tfjs does not have: use a model of its own layers alone, or convert it as a graph model.`,
    );
  if (depth > deepest) throw refused(`"${name}" is nested deeper than ${deepest} models`);
  if (isObject(config.layer)) return [layer, ...layersIn(layerOf(config.layer), depth + 1)];
  if (!containers.includes(kind)) return [layer];
  const layers = Array.isArray(config.layers) ? config.layers : [];
  if (layers.length === 0) throw refused(`"${name}" has no layers`);
  if (kind !== "Sequential") checkOrder(name, layers);
  return layers.flatMap((own) => layersIn(layerOf(own), depth + 1));
}

/** Every call of a layer has to find its inputs made by others before it. */
function checkOrder(model: string, layers: readonly unknown[]): void {
  const made = new Map<string, number>();
  let waiting: { readonly layer: string; readonly inputs: readonly unknown[] }[] = [];
  for (const value of layers) {
    const { name, kind } = layerOf(value);
    if (made.has(name)) throw refused(`two layers of "${model}" are called "${name}"`);
    // A model within has been called once, on its own inputs, when it is made.
    made.set(name, kind === "InputLayer" || containers.includes(kind) ? 1 : 0);
    const calls = (value as Json).inbound_nodes;
    for (const inputs of Array.isArray(calls) ? calls : [])
      waiting.push({ layer: name, inputs: Array.isArray(inputs) ? inputs : [inputs] });
  }
  while (waiting.length > 0) {
    const left = waiting.filter(({ layer, inputs }) => {
      const isReady = inputs.every((input) => {
        const [name, call] = Array.isArray(input) ? input : [];
        return (made.get(name) ?? 0) > Number(call);
      });
      if (isReady) made.set(layer, (made.get(layer) ?? 0) + 1);
      return !isReady;
    });
    if (left.length === waiting.length)
      throw refused(
        `layer "${left[0].layer}" of "${model}" waits for an input that no layer makes: save the model again (Keras 2 format).`,
      );
    waiting = left;
  }
}

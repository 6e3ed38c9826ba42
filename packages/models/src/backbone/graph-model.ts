import { messageOf } from "@tandem/core/errors";
import { type GraphModel, loadGraphModelSync } from "@tensorflow/tfjs-converter";
import type * as tf from "@tensorflow/tfjs-core";
import { type BackboneFiles, isObject, refused } from "./files";

export type Graph = {
  readonly model: GraphModel<tf.io.IOHandlerSync>;
  readonly nodes: number;
  readonly input: { readonly shape: readonly (number | null)[]; readonly dtype: tf.DataType };
  /** Of the layer, or the model's one output. Call inside `tf.tidy`. */
  readonly run: (images: tf.Tensor) => tf.Tensor;
};

/** Throws `bad-data`, naming the node, where tfjs has no such operation. */
export function buildGraphModel(files: BackboneFiles, layer: string | undefined): Graph {
  const { topology, signature, specs: weightSpecs, weights } = files;
  const nodes = nodesOf(topology);
  const weightData = weights.slice().buffer;
  const artifacts = {
    modelTopology: topology,
    weightSpecs,
    weightData,
    ...(signature && { signature }),
  };
  let model: GraphModel<tf.io.IOHandlerSync>;
  try {
    model = loadGraphModelSync(artifacts as Parameters<typeof loadGraphModelSync>[0]);
  } catch (error) {
    throw refused(`tfjs cannot build it: ${messageOf(error)}`);
  }
  try {
    const { inputs, outputs } = model;
    if (inputs.length !== 1)
      throw refused(`it has ${inputs.length} inputs (${namesOf(inputs)}), and must have one.`);
    if (layer === undefined && outputs.length !== 1)
      throw refused(
        `it has ${outputs.length} outputs (${namesOf(outputs)}), and must have one: name the node whose output the features are.`,
      );
    if (layer !== undefined && !nodes.some(({ name }) => name === layer))
      throw refused(`it has no node "${layer}": its last are ${namesOf(nodes.slice(-12))}.`);
    const [{ shape, dtype }] = inputs;
    return {
      model,
      nodes: nodes.length,
      input: { shape: (shape ?? []).map((n) => (n < 0 ? null : n)), dtype },
      run(images) {
        try {
          const output = model.execute(images, layer ?? outputs[0].name);
          return Array.isArray(output) ? output[0] : output;
        } catch (error) {
          throw unknownOp(error, nodes) ?? error;
        }
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

type Node = { readonly name: string; readonly op: string };

const namesOf = (all: readonly { readonly name: string }[]) =>
  all.map(({ name }) => name).join(", ");

function nodesOf(topology: object): readonly Node[] {
  const nodes: unknown = (topology as { readonly node?: unknown }).node;
  if (!Array.isArray(nodes) || nodes.length === 0) throw refused("its graph has no nodes");
  for (const node of nodes)
    if (!isObject(node) || typeof node.name !== "string" || typeof node.op !== "string")
      throw refused("its graph has a node without a name or an op");
  return nodes;
}

/** tfjs says which operation it lacks, not which node asks for it. */
function unknownOp(error: unknown, nodes: readonly Node[]) {
  const [, op] = /(?:Unknown op|Custom op) '?([\w.]+)'?/.exec(messageOf(error)) ?? [];
  const node = nodes.find((one) => one.op === op);
  if (!node) return undefined;
  return refused(
    `node "${node.name}" is a ${op}, which tfjs does not have: convert the model without it, or name a node before it.`,
  );
}

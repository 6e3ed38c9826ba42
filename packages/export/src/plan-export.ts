import { codeOf, messageOf } from "@tandem/core/errors";
import { sizeOf } from "@tandem/core/tensor";
import type { BackboneFiles } from "@tandem/models/backbone/files";
import { checkTopology } from "@tandem/models/backbone/topology";
import type { ExportPlan, ModelToTake } from "./model-to-take";
import { writable } from "./onnx-layers";

/** What `exportModel` will make of them, without a backend. Throws `bad-data` for a backbone that is none. */
export function planExport(
  { weights, backbone }: Pick<ModelToTake, "weights" | "backbone">,
  files?: BackboneFiles,
): ExportPlan {
  const own = Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0);
  // Once in each of the three formats, and what is said of them.
  if (files?.format !== "layers") return { bytes: 3 * own + said, holds: files ? "head" : "model" };
  const { topology, specs } = files;
  const all = checkTopology(topology);
  const last = all.findIndex(({ name }) => name === backbone?.layer);
  const layers = last < 0 ? all : all.slice(0, last + 1);
  const names = new Set(layers.map(({ name }) => name));
  const kept = specs.filter(({ name }) => name.split("/").some((part) => names.has(part)));
  const floats = kept.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const whole = own + 4 * floats + JSON.stringify(topology).length;
  const withoutOnnx = whyNoOnnx(layers);
  return withoutOnnx === undefined
    ? { bytes: own + 2 * whole + said, holds: "model" }
    : { bytes: own + whole + said, holds: "model", withoutOnnx };
}

const said = 20_000;

/** By the kinds of layers alone: how one is set may stand in the way as well. */
function whyNoOnnx(layers: ReturnType<typeof checkTopology>): string | undefined {
  try {
    for (const { kind, name } of layers) if (kind !== "InputLayer") writable(kind, name);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== "not-supported") throw error;
    return messageOf(error);
  }
}

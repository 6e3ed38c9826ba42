import { messageOf, TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import { concatenated, sizeOf } from "@tandem/core/tensor";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { io } from "@tensorflow/tfjs-core";

/** MiB of a model.json, and of weights both as files and as floats. */
export const most = { manifest: 8, weights: 64 } as const;
export const mebibyte = 2 ** 20;

/**
 * Reads one file of the model's folder by its path from there, at most so many bytes of it; throws
 * `too-large` where there are more.
 */
export type ReadFile = (path: string, mostBytes: number) => Promise<Uint8Array>;

/** Reads files that are in memory, or can be asked for their bytes, by their paths. */
export const givenFiles =
  (files: Readonly<Record<string, Uint8Array | Blob>>): ReadFile =>
  async (path, mostBytes) => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (!file)
      throw refused(
        `${path} is missing: bring it too. So far there is ${listed(Object.keys(files).slice(0, 12), "and")}.`,
      );
    const size = file instanceof Blob ? file.size : file.length;
    if (size > mostBytes)
      throw new TandemError("too-large", `${path} has ${size} bytes, and may have ${mostBytes}.`);
    return file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : file;
  };

/** A tfjs model as files, not yet built. */
export type BackboneFiles = {
  readonly format: "layers" | "graph";
  readonly topology: object;
  readonly signature?: object;
  readonly specs: readonly io.WeightsManifestEntry[];
  readonly weights: Uint8Array;
  /** Of the weights as floats. */
  readonly bytes: number;
  /** Of model.json and the weight files, one after the other. */
  readonly sha256: string;
};

export const refused = (what: string) => new TandemError("bad-data", `model: ${what}`);

/** Throws `bad-data` or `too-large` before more is read or allocated than a backbone may have. */
export async function readBackbone(
  read: ReadFile,
  manifest = "model.json",
): Promise<BackboneFiles> {
  const head = await read(manifest, most.manifest * mebibyte);
  const json = objectOf(head, manifest);
  const groups = groupsOf(json);
  const specs = groups.flatMap(({ weights }) => weights);
  const stored = sum(specs.map(storedBytes));
  const bytes = sum(specs.map(({ shape }) => 4 * sizeOf(shape)));
  if (Math.max(stored, bytes) > most.weights * mebibyte)
    throw new TandemError(
      "too-large",
      `model: its weights are ${(Math.max(stored, bytes) / mebibyte).toFixed(0)} MiB, more than ${most.weights}: use a smaller model, or cut it at an earlier layer before converting.`,
    );
  const parts: Uint8Array[] = [];
  for (const group of groups) {
    let left = sum(group.weights.map(storedBytes));
    for (const path of group.paths) {
      const part = await read(path, left);
      left -= part.length;
      parts.push(part);
    }
    if (left > 0)
      throw refused(
        `${group.paths.join(", ")}: ${left} bytes of weights are missing. Copy the files again, all of one conversion.`,
      );
  }
  const { modelTopology: topology, signature } = json;
  if (!isObject(topology))
    throw refused(
      `${manifest} has no modelTopology: convert the model with tensorflowjs_converter.`,
    );
  return {
    format: formatOf(json, topology),
    topology,
    ...(isObject(signature) && { signature }),
    specs,
    weights: concatenated(Uint8Array, parts),
    bytes,
    sha256: await sha256Hex(concatenated(Uint8Array, [head, ...parts])),
  };
}

type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function objectOf(bytes: Uint8Array, name: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw refused(`${name} is not JSON (${messageOf(error)}): give the address of a model.json.`);
  }
  if (!isObject(value)) throw refused(`${name} is not an object`);
  return value;
}

function formatOf(json: Json, topology: Json): BackboneFiles["format"] {
  if (json.format === "graph-model" || Array.isArray(topology.node)) return "graph";
  if ("model_config" in topology || "class_name" in topology) return "layers";
  throw refused(
    `format ${JSON.stringify(json.format)} is neither a layers-model nor a graph-model: convert the model with tensorflowjs_converter.`,
  );
}

type Group = {
  readonly paths: readonly string[];
  readonly weights: readonly io.WeightsManifestEntry[];
};

function groupsOf({ weightsManifest }: Json): readonly Group[] {
  if (!Array.isArray(weightsManifest) || weightsManifest.length === 0)
    throw refused("model.json has no weightsManifest: convert the model with its weights.");
  return weightsManifest.map((group: unknown) => {
    const { paths, weights } = isObject(group) ? group : {};
    if (!Array.isArray(paths) || !Array.isArray(weights))
      throw refused("a group of its weightsManifest has no paths or no weights");
    const odd = paths.find((path) => typeof path !== "string" || !isPlain(path));
    if (odd !== undefined)
      throw refused(
        `weights at ${JSON.stringify(odd)}: they have to lie beside model.json, or below it.`,
      );
    for (const spec of weights) checkSpec(spec);
    return { paths, weights };
  });
}

const isPlain = (path: string) =>
  path.split("/").every((part) => /^[\w.@ -]+$/.test(part) && !/^\.+$/.test(part));

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint16: 2,
  uint8: 1,
};

function checkSpec(spec: unknown): void {
  const { name, shape, dtype, quantization } = isObject(spec) ? spec : {};
  const isShape =
    Array.isArray(shape) && shape.length <= 6 && shape.every((n) => Number.isInteger(n) && n >= 0);
  if (typeof name !== "string" || !isShape)
    throw refused(`weight ${JSON.stringify(name)} has no shape`);
  const stored = isObject(quantization) ? quantization.dtype : dtype;
  const isKnown = ["float32", "int32", "bool"].includes(String(dtype)) && String(stored) in bytesOf;
  if (!isKnown) throw refused(`weight "${name}" is ${stored}: convert the model to floats.`);
}

const storedBytes = ({ shape, dtype, quantization }: io.WeightsManifestEntry): number =>
  sizeOf(shape) * bytesOf[quantization?.dtype ?? dtype];

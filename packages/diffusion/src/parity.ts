import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError, unreachable } from "@tandem/core/errors";
import type { Arrays, TensorData } from "@tandem/core/tensor";
import { square } from "@tandem/graph/elementwise";
import { gradients } from "@tandem/graph/gradients";
import { compile, floats, ids, type Values, value } from "@tandem/graph/onnx-session";
import { reduceMean, reshape } from "@tandem/graph/shape";
import { input, type Tensor } from "@tandem/graph/tensor";
import { decodeForeign } from "@tandem/protocol/safetensors-stored";
import { parseJsonObject } from "./files/python-json";
import { readTextFile } from "./files/text-file";
import { openSafetensors } from "./files/weight-files";
import { decodeKl, encodeKl, parseAutoencoderKl } from "./models/autoencoder-kl";
import { decodeTiny, encodeTiny, parseAutoencoderTiny } from "./models/autoencoder-tiny";
import { clipText, parseClipText } from "./models/clip-text";
import { classOf } from "./models/components";
import type { Json } from "./models/config";
import { createSource, type Source } from "./models/source";
import { unet } from "./models/unet";
import { parseUnet } from "./models/unet-config";
import { readWeights } from "./models/weights";
import { type RecordedRun, schedulerParity } from "./schedulers/parity";

export const parityBound = 1e-4;

export type TensorParity = {
  readonly folder: string;
  readonly tensor: string;
  /** Largest difference from the reference, over the reference's largest magnitude. */
  readonly error: number;
};

/** Compares every sub-folder of reference numbers with what this code computes from its inputs. */
export async function checkParity(directory: string): Promise<readonly TensorParity[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause) => {
    throw new TandemError("not-found", `there is no folder ${directory}`, { cause });
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const results: TensorParity[] = [];
  for (const folder of folders.sort()) {
    const files = await readdir(join(directory, folder));
    if (!files.includes("io.safetensors")) continue;
    const path = join(directory, folder);
    if (files.includes("meta.json")) {
      const runs = parseJsonObject(
        await readTextFile(join(path, "meta.json")),
        join(path, "meta.json"),
      );
      const errors = schedulerParity(
        runs as Record<string, RecordedRun>,
        await readReference(path),
      );
      for (const { name, error } of errors) results.push({ folder, tensor: name, error });
    } else {
      for (const [tensor, error] of await modelParity(path, files))
        results.push({ folder, tensor, error });
    }
  }
  if (results.length === 0)
    throw new TandemError(
      "not-found",
      `${directory} holds no folder with io.safetensors beside a config.json or a meta.json`,
    );
  return results;
}

const readReference = async (directory: string): Promise<Arrays> =>
  decodeForeign(new Uint8Array(await readFile(join(directory, "io.safetensors"))));

async function modelParity(directory: string, files: readonly string[]) {
  const path = join(directory, "config.json");
  const json: Json = parseJsonObject(await readTextFile(path), path);
  const io = await readReference(directory);
  const file = files.find((name) => name !== "io.safetensors" && name.endsWith(".safetensors"));
  if (!file) throw new TandemError("not-found", `${directory} holds no weights`);
  const stored = await openSafetensors(join(directory, file));
  const { weights } = await readWeights(json, stored).finally(() => stored.close());

  const source = createSource();
  const inputs: Record<string, Tensor> = {};
  const read = (name: string, dtype: "f32" | "i64" = "f32") => {
    inputs[name] = input(name, referenceOf(io, name).shape, dtype);
    return inputs[name];
  };
  const outputs = { ...traceReference(source, json, read) };
  // Gradients are those of mean(out²).
  const wanted = Object.keys(io).filter((name) => name.startsWith("grad."));
  if (wanted.length > 0) {
    const axes = outputs.out.shape.map((_, axis) => axis);
    const loss = reshape(reduceMean(square(outputs.out), axes), []);
    const variables = wanted.map((name) => {
      const variable = name.slice("grad.".length);
      return inputs[variable] ?? source.tensors[variable];
    });
    gradients(loss, variables).forEach((gradient, i) => {
      outputs[wanted[i]] = gradient;
    });
  }
  const graph = await compile(outputs);
  const given = Object.entries(inputs).map(([name, { dtype, shape }]) => {
    const { data } = io[name];
    return [name, dtype === "i64" ? ids(data, shape) : value(Float32Array.from(data), shape)];
  });
  const parameters = Object.entries(weights).map(([name, { data, shape }]) => [
    name,
    value(data, shape),
  ]);
  const results: Values = await graph.run(Object.fromEntries([...given, ...parameters]));
  await graph.release();
  return Object.keys(outputs).map(
    (name) => [name, relativeError(floats(results[name]), referenceOf(io, name).data)] as const,
  );
}

/** The model's outputs under the names of the reference file. */
function traceReference(
  p: Source,
  json: Json,
  read: (name: string, dtype?: "f32" | "i64") => Tensor,
): Record<string, Tensor> {
  const type = classOf(json);
  switch (type) {
    case "CLIPTextModel": {
      const { last, pooled, hidden } = clipText(p, parseClipText(json), read("input_ids", "i64"));
      return { last_hidden_state: last, pooler_output: pooled, hidden_state_1: hidden[1] };
    }
    case "UNet2DConditionModel": {
      const config = parseUnet(json);
      const out = unet(p, config, {
        sample: read("sample"),
        timestep: read("timestep"),
        context: read("encoder_hidden_states"),
        ...(config.classWidth > 0 && { classLabels: read("class_labels") }),
      });
      return { out };
    }
    case "AutoencoderKL": {
      const config = parseAutoencoderKl(json);
      const { mean, deviation } = encodeKl(p, config, read("sample"));
      return { latent_mean: mean, latent_std: deviation, decoded: decodeKl(p, config, mean) };
    }
    case "AutoencoderTiny": {
      const config = parseAutoencoderTiny(json);
      const latents = encodeTiny(p, config, read("sample"));
      return { latents, decoded: decodeTiny(p, config, latents) };
    }
    case "PixelShuffle":
      throw new TandemError("not-supported", "PixelShuffle has no weights to compare");
    default:
      return unreachable(type);
  }
}

function referenceOf(io: Arrays, name: string): TensorData {
  const found = io[name];
  if (!found) throw new TandemError("bad-data", `io.safetensors holds no "${name}"`);
  return found;
}

export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length)
    throw new TandemError("bad-data", `${found.length} numbers against ${expected.length}`);
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
    if (Number.isNaN(found[i])) return Number.POSITIVE_INFINITY;
  }
  return magnitude === 0 ? difference : difference / magnitude;
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, type TensorData } from "@tandem/core/tensor";
import type { Vocabulary } from "@tandem/core/tokenizer";
import { fromHalves, toHalves } from "@tandem/protocol/half";
import { decodeSafetensors, encodeSafetensors } from "@tandem/protocol/safetensors";
import type { ModelConfig } from "./unet";

export type Checkpoint = {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly weights: Arrays;
};

const parts = {
  text_encoder: {
    file: "model.safetensors",
    owns: (name: string) => name.startsWith("text_model."),
  },
  unet: {
    file: "diffusion_pytorch_model.safetensors",
    owns: (name: string) => !name.startsWith("text_model."),
  },
} as const;

const modelIndex = {
  text_encoder: "text_encoder",
  unet: "unet",
  tokenizer: "tokenizer",
  scheduler: "scheduler",
};
const scheduler = { schedule: "cosine", prediction_type: "v_prediction", sampler: "ddim", eta: 0 };

const select = (
  weights: Arrays,
  map: (name: string, array: TensorData) => TensorData | undefined,
) =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([name, array]) => {
      const mapped = map(name, array);
      return mapped ? [[name, mapped]] : [];
    }),
  );

/** One folder per component, weights in half precision. */
export async function saveCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  const write = async (folder: string, name: string, content: string | Uint8Array) => {
    await mkdir(join(directory, folder), { recursive: true });
    await writeFile(join(directory, folder, name), content);
  };
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  for (const [folder, { file, owns }] of Object.entries(parts)) {
    const own = select(checkpoint.weights, (name, array) =>
      owns(name) && array.dtype === "f32"
        ? { dtype: "f16", shape: array.shape, data: toHalves(array.data) }
        : undefined,
    );
    await write(folder, file, encodeSafetensors(own, { format: "pt" }));
  }
  const { sampleSize, widths, heads, ...text } = checkpoint.config;
  await write("unet", "config.json", json({ sampleSize, widths, heads }));
  await write("text_encoder", "config.json", json(text));
  await write("scheduler", "scheduler_config.json", json(scheduler));
  await write(".", "model_index.json", json(modelIndex));
  await write("tokenizer", "vocabulary.json", JSON.stringify(checkpoint.vocabulary));
}

/** Throws `not-found` when the folder holds no checkpoint. */
export async function loadCheckpoint(directory: string): Promise<Checkpoint> {
  const read = async (...path: string[]) => {
    try {
      return new Uint8Array(await readFile(join(directory, ...path)));
    } catch (cause) {
      throw new TandemError(
        "not-found",
        `No teacher checkpoint at ${join(directory, ...path)}: run "npm run pretrain".`,
        { cause },
      );
    }
  };
  const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  const weights: Record<string, TensorData> = {};
  for (const [folder, { file }] of Object.entries(parts)) {
    const { arrays } = decodeSafetensors(await read(folder, file));
    for (const [name, array] of Object.entries(arrays))
      weights[name] = array.dtype === "f16" ? f32(array.shape, fromHalves(array.data)) : array;
  }
  return {
    config: {
      ...parse(await read("unet", "config.json")),
      ...parse(await read("text_encoder", "config.json")),
    },
    vocabulary: parse(await read("tokenizer", "vocabulary.json")),
    weights,
  };
}

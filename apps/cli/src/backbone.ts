import { mkdir, open, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import { type Normalisation, normalisations } from "@tandem/core/task";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import { loadBackbone } from "@tandem/models/backbone/backbone";
import { type ReadFile, readBackbone } from "@tandem/models/backbone/files";
import { httpFiles } from "@tandem/models/backbone/http-files";
import { layersEncoder } from "@tandem/models/backbone/layers-encoder";
import { mobileNet, mobileNetFiles } from "@tandem/models/backbone/mobile-net";
import { Command, Option } from "commander";
import { natural } from "./options";

type CheckOptions = {
  readonly layer?: string;
  readonly normalisation: Normalisation;
  readonly size?: number;
  readonly trained?: boolean;
};

/** What a task pins of the model at a path or an https address; throws what is wrong with it. */
export async function checkModel(model: string, options: CheckOptions) {
  await startNodeEngine({ prefer: "wasm" });
  const { read, manifest } = filesAt(model);
  const files = await readBackbone(read, manifest);
  const { layer, normalisation, trained } = options;
  const pinned = { sha256: files.sha256, ...(layer !== undefined && { layer }), normalisation };
  if (trained) {
    const encoder = await layersEncoder(files, { ...options, reference: onCpu });
    const { size, features, parameters } = encoder;
    encoder.dispose();
    return { ...pinned, size, features, parameters };
  }
  const backbone = await loadBackbone(files, { ...options, reference: onCpu });
  const { size, features, format, bytes, layers } = backbone;
  backbone.dispose();
  return { ...pinned, size, features, format, bytes, layers };
}

const filesAt = (model: string): { readonly read: ReadFile; readonly manifest: string } =>
  /^\w+:\/\//.test(model)
    ? httpFiles(model, { base: "https://localhost" })
    : { read: folder(dirname(model)), manifest: basename(model) };

const folder =
  (directory: string): ReadFile =>
  async (path, most) => {
    const file = await open(join(directory, path)).catch((error: unknown) => {
      throw new TandemError("not-found", `${join(directory, path)}: ${messageOf(error)}`);
    });
    try {
      const { size } = await file.stat();
      if (size > most)
        throw new TandemError(
          "too-large",
          `${join(directory, path)} has ${size} bytes, and may have ${most}`,
        );
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  };

const say = (value: unknown): void =>
  void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

export const backboneCommand = (): Command =>
  new Command("backbone")
    .description("check and fetch models that turn pictures into features (docs/backbones.md)")
    .addCommand(
      new Command("check")
        .description("check a TensorFlow.js model as a tab would, and print the fields for a task")
        .argument("<model>", "path or https address of its model.json")
        .option("--layer <name>", "layer whose output is taken as features")
        .addOption(
          new Option("--normalisation <range>", "range of the pixels that the model expects")
            .choices(normalisations)
            .makeOptionMandatory(),
        )
        .option(
          "--size <n>",
          "height and width of the input, where the model leaves it open",
          natural,
        )
        .option("--trained", "check it as an encoder that clients train, gradients included")
        .action(async (model: string, options: CheckOptions) =>
          say(await checkModel(model, options)),
        ),
    )
    .addCommand(
      new Command("mobilenet")
        .description("write MobileNetV2 (npm's nsfwjs) to a folder, and print how to use it")
        .requiredOption("--out <directory>")
        .action(async ({ out }: { readonly out: string }) => {
          await mkdir(out, { recursive: true });
          for (const [path, bytes] of Object.entries(await mobileNetFiles()))
            await writeFile(join(out, path), bytes);
          say({ model: join(out, "model.json"), ...mobileNet });
        }),
    );

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
    .description("models that turn pictures into features (docs/backbones.md)")
    .addCommand(
      new Command("check")
        .description("check a tfjs model as a tab would, and print what a task pins of it")
        .argument("<model>", "its model.json: a path or an https address")
        .option("--layer <name>", "whose output the features are")
        .addOption(
          new Option("--normalisation <range>", "in which it is fed pixels")
            .choices(normalisations)
            .makeOptionMandatory(),
        )
        .option("--size <n>", "pixels a side, where the model leaves it open", natural)
        .option("--trained", "as an encoder that clients train: are there gradients?")
        .action(async (model: string, options: CheckOptions) =>
          say(await checkModel(model, options)),
        ),
    )
    .addCommand(
      new Command("mobilenet")
        .description("write MobileNetV2 of npm's nsfwjs as a folder, and print how it is used")
        .requiredOption("--out <directory>")
        .action(async ({ out }: { readonly out: string }) => {
          await mkdir(out, { recursive: true });
          for (const [path, bytes] of Object.entries(await mobileNetFiles()))
            await writeFile(join(out, path), bytes);
          say({ model: join(out, "model.json"), ...mobileNet });
        }),
    );

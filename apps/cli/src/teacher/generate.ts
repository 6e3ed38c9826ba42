import { extname } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type DiffusionModel, loadModel } from "@tandem/diffusion/diffusion-model";
import { linesOf, readTextFile } from "@tandem/diffusion/files/text-file";
import { readAdapter } from "@tandem/diffusion/lora/adapter-files";
import { createPipeline } from "@tandem/diffusion/pipeline";
import { schedulerClasses } from "@tandem/diffusion/schedulers/registry";
import { samplingScheduler } from "@tandem/diffusion/schedulers/sampling";
import { Command, InvalidArgumentError } from "commander";
import {
  amount,
  type EngineOptions,
  interruptible,
  natural,
  notice,
  pixels,
  progressLine,
  share,
  whole,
  withEngineOptions,
} from "../options";
import { writePictures } from "./pictures";

const schedulerClass = (text: string): string => {
  const found = schedulerClasses.find((name) => name === text || name === `${text}Scheduler`);
  if (found) return found;
  throw new InvalidArgumentError(`choose one of ${schedulerClasses.join(", ")}.`);
};
const picturePath = (text: string): string => {
  if ([".png", ".jpg", ".jpeg", ".webp"].includes(extname(text).toLowerCase())) return text;
  throw new InvalidArgumentError("the name should end in .png, .jpg or .webp.");
};

export const generateCommand = () =>
  withEngineOptions(
    new Command("generate")
      .description(
        "paint a picture with a model folder in diffusers' layout (Stable Diffusion 1.x, 2.x)",
      )
      .requiredOption("--model <dir>", "model folder: model_index.json and its components")
      .option("--prompt <text>", "what to paint")
      .option("--prompts <file>", "instead: one prompt a line, painted side by side on one sheet")
      .requiredOption("--out <file>", "picture to write: .png, .jpg or .webp", picturePath)
      .option("--negative <text>", "what to steer away from", "")
      .option("--steps <n>", "U-Net passes, twice that with guidance above 1", natural, 20)
      .option(
        "--guidance <g>",
        "strength of the prompt; up to 1: as the model answers it",
        amount,
        7.5,
      )
      .option("--rescale <phi>", "guidance rescale, 0 to 1", share, 0)
      .option("--seed <n>", "seed of the noise", whole, 0)
      .option("--size <pixels>", "512 or 512x768; the model's own by default", pixels)
      .option("--scheduler <class>", "sampler on the model's noise levels", schedulerClass)
      .option(
        "--adapter <path>",
        "LoRA in PEFT's, diffusers' or kohya's names: a folder, file or downloaded zip",
      ),
  ).action((options: GenerateOptions) => interruptible((signal) => generate(options, signal)));

type GenerateOptions = EngineOptions & {
  readonly model: string;
  readonly prompt?: string;
  readonly prompts?: string;
  readonly out: string;
  readonly negative: string;
  readonly steps: number;
  readonly guidance: number;
  readonly rescale: number;
  readonly seed: number;
  readonly size?: readonly [number, number];
  readonly scheduler?: string;
  readonly adapter?: string;
};

async function generate(options: GenerateOptions, signal: AbortSignal): Promise<void> {
  const {
    model: directory,
    prompt,
    prompts: file,
    out,
    adapter: adapterPath,
    threads,
    provider,
    variant,
    ...request
  } = options;
  const prompts = await promptsOf({ prompt, file });
  const model = await loadModel(directory, { notice, ...(variant && { variant }) });
  const { scheduler, notices } = samplingScheduler(model.configs.scheduler, options.scheduler);
  notices.forEach(notice);
  const [height, width] = options.size ?? model.size;
  process.stderr.write(
    `${height} x ${width} pixels, ${options.steps} steps of ${scheduler.className}${adapterPath ? `, adapter ${adapterPath}` : ""}\n`,
  );
  const adapter = adapterPath && (await readAdapter(adapterPath, { modules: modulesOf(model) }));
  const pipeline = createPipeline(model, { threads, provider, notice });
  try {
    const images = await pipeline.paint(
      { ...request, prompts, ...(adapter && { adapter }) },
      { signal, progress: progressLine(process.stderr) },
    );
    await writePictures(out, images);
    process.stdout.write(`${out}\n`);
  } finally {
    await pipeline.close();
  }
}

async function promptsOf(given: {
  readonly prompt: string | undefined;
  readonly file: string | undefined;
}) {
  const { prompt, file } = given;
  if ((prompt === undefined) === (file === undefined))
    throw new TandemError("bad-config", "give either --prompt TEXT or --prompts FILE");
  if (file === undefined) return [prompt ?? ""];
  const lines = linesOf(await readTextFile(file)).filter((line) => line.trim() !== "");
  if (lines.length > 0) return lines;
  throw new TandemError("bad-data", `${file} holds no prompt: write one a line`);
}

/** Names of the layers that an adapter may change: they make kohya's names certain. */
const modulesOf = ({ weights }: DiffusionModel): readonly string[] =>
  Object.keys(weights).flatMap((name) =>
    /^(unet|text_encoder)\..*\.weight$/.test(name) ? [name.slice(0, -".weight".length)] : [],
  );

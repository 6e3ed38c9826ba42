import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadModel } from "@tandem/diffusion/diffusion-model";
import { writeAdapterFolder } from "@tandem/diffusion/lora/adapter-files";
import { attentionTargets, matchesTargets } from "@tandem/diffusion/lora/targets";
import { createPipeline } from "@tandem/diffusion/pipeline";
import { trainingScheduler } from "@tandem/diffusion/schedulers/training";
import { cutNotices } from "@tandem/diffusion/tokenizers/prompt-tokenizer";
import {
  adapterOf,
  type TrainingSet,
  trainAdapter,
} from "@tandem/diffusion/training/adapter-training";
import { loadState, saveState } from "@tandem/diffusion/training/state";
import { Command, Option } from "commander";
import {
  amount,
  type EngineOptions,
  interruptible,
  namesOf,
  natural,
  notice,
  pixels,
  positive,
  progressLine,
  share,
  whole,
  withEngineOptions,
} from "../options";
import { readPictures, skippedText } from "./pictures";

const stateName = "training-state.safetensors";

export const finetuneCommand = () =>
  withEngineOptions(
    new Command("finetune")
      .description("train a LoRA adapter of a model folder on captioned pictures; Ctrl-C saves")
      .requiredOption("--model <dir>", "model folder in diffusers' layout")
      .requiredOption(
        "--images <dir>",
        "pictures with captions in .txt or .caption beside them, metadata.jsonl or metadata.csv",
      )
      .requiredOption("--out <dir>", "adapter folder to write, in PEFT's and diffusers' names")
      .requiredOption("--steps <n>", "training steps", natural)
      .option("--resume", "resume from the state that Ctrl-C left in --out, with the same options")
      .option("--rank <r>", "rank of the adapter", natural, 4)
      .option("--alpha <a>", "its scale is alpha / rank; the rank by default", positive)
      .addOption(
        new Option("--targets <names>", "endings of layer names, with commas")
          .argParser(namesOf)
          .default(attentionTargets, attentionTargets.join(",")),
      )
      .option(
        "--pattern <regex>",
        "instead of --targets: matches whole names, such as unet\\..*conv1",
      )
      .option("--lr <rate>", "learning rate of AdamW", positive, 1e-4)
      .option("--batch <n>", "pictures at a time", natural, 1)
      .option("--accumulate <n>", "batches a step", natural, 1)
      .option("--clip <norm>", "largest norm of the gradient", positive, 1)
      .option("--weight-decay <d>", "weight decay of AdamW", amount, 0)
      .option("--min-snr <gamma>", "min-SNR weighting; 5 is usual", positive)
      .option("--near-base <k>", "weight of the distance to the base's prediction", amount, 0)
      .option("--prior <dir>", "pictures that the model should go on knowing")
      .option("--prior-share <s>", "their share of a batch", share, 0.25)
      .option("--caption-dropout <s>", "share of captions left out", share, 0.1)
      .option("--size <pixels>", "512 or 512x768; the model's own by default", pixels)
      .option("--seed <n>", "seed of adapter, batches and noise", whole, 0)
      .option(
        "--checkpointing",
        "compute blocks again for their gradients: less memory, more time",
      ),
  ).action((options: FinetuneOptions) => interruptible((signal) => finetune(options, signal)));

type FinetuneOptions = EngineOptions & {
  readonly model: string;
  readonly images: string;
  readonly out: string;
  readonly steps: number;
  readonly resume?: true;
  readonly rank: number;
  readonly alpha?: number;
  readonly targets: readonly string[];
  readonly pattern?: string;
  readonly lr: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly clip: number;
  readonly weightDecay: number;
  readonly minSnr?: number;
  readonly nearBase: number;
  readonly prior?: string;
  readonly priorShare: number;
  readonly captionDropout: number;
  readonly size?: readonly [number, number];
  readonly seed: number;
  readonly checkpointing?: true;
};

async function finetune(options: FinetuneOptions, signal: AbortSignal): Promise<void> {
  const { out, steps, rank, alpha = rank, targets, pattern, threads, provider } = options;
  const lora = { rank, alpha, targets: matchesTargets(pattern ?? targets) };
  const statePath = join(out, stateName);
  const resume = options.resume ? await loadState(statePath) : undefined;
  const model = await loadModel(options.model, {
    notice,
    ...(options.variant && { variant: options.variant }),
  });
  trainingScheduler(model.configs.scheduler).notices.forEach(notice);
  const pipeline = createPipeline(model, { threads, provider });
  const encoded = async (directory: string): Promise<TrainingSet> => {
    const size = options.size ?? model.size;
    const { images, captions, skipped } = await readPictures(directory, size);
    process.stderr.write(`${directory}: ${captions.length} pictures read${skippedText(skipped)}\n`);
    cutNotices(model.tokenizer, notice)(captions);
    return { latents: await pipeline.encode(images), captions };
  };
  const [samples, prior] = await (async () => {
    try {
      return [await encoded(options.images), options.prior && (await encoded(options.prior))];
    } finally {
      await pipeline.close();
    }
  })();
  const [, channels, height, width] = samples.latents.shape;
  process.stderr.write(
    `${samples.captions.length} pictures as latents of ${channels} x ${height} x ${width}, rank ${rank}${resume ? `, from step ${resume.step}` : ""}\n`,
  );
  const write = (arrays: Parameters<typeof adapterOf>[0]) =>
    writeAdapterFolder(out, adapterOf(arrays, lora), {
      baseModel: options.model,
      ...(pattern === undefined && { targets }),
    });
  const draw = progressLine(process.stderr);
  let recent: number | undefined;
  const { arrays } = await trainAdapter(
    model,
    {
      lora,
      samples,
      ...(prior && { prior: { ...prior, share: options.priorShare } }),
      resume,
      steps,
      batchSize: options.batch,
      accumulate: options.accumulate,
      learningRate: () => options.lr,
      clip: options.clip,
      weightDecay: options.weightDecay,
      captionDropout: options.captionDropout,
      minSnrGamma: options.minSnr,
      nearBase: options.nearBase,
      seed: `finetune/${options.seed}`,
      checkpointing: options.checkpointing ?? false,
      threads,
      provider,
      onStep: async ({ step, loss }, trainer) => {
        recent = recent === undefined ? loss : 0.95 * recent + 0.05 * loss;
        draw(step / steps, `step ${step} of ${steps}, loss ${recent.toFixed(4)}`);
        if (!signal.aborted || step === steps) return;
        await write(trainer.trained());
        await saveState(statePath, trainer.state());
        process.stderr.write(`\nsaved step ${step} in ${out}: go on with --resume`);
      },
    },
    { signal },
  );
  await write(arrays);
  await rm(statePath, { force: true });
  process.stdout.write(`${out}\n`);
}

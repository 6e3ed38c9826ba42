import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadEmojiStyle } from "@tandem/datasets/emoji-style";
import { saveCheckpoint } from "@tandem/diffusion/checkpoint";
import { pretrain } from "@tandem/diffusion/pretrain";
import { createTextToImage } from "@tandem/diffusion/text-to-image";
import { encodeSheet } from "@tandem/protocol/sheet";
import { Command, Option } from "commander";

const number = (text: string) => Number(text);
const program = new Command("pretrain")
  .description("Train the base text-to-image model on the public split of Emoji-Style.")
  .addOption(
    new Option("--dataset <name>", "data set").choices(["emoji-style"]).default("emoji-style"),
  )
  .option("--out <dir>", "checkpoint folder", "public/teacher/emoji-style")
  .option("--steps <n>", "training steps", number, 3000)
  .option("--batch <n>", "batch size", number, 32)
  .option("--minutes <m>", "stop after so many minutes", number, Number.POSITIVE_INFINITY)
  .option("--lr <rate>", "peak learning rate of AdamW", number, 1e-3)
  .option("--threads <n>", "threads of onnxruntime", number, 2)
  .option("--seed <n>", "seed of weights, batches and noise", number, 1)
  .parse();
const options = program.opts<{
  out: string;
  steps: number;
  batch: number;
  minutes: number;
  lr: number;
  threads: number;
  seed: number;
}>();

// The first Ctrl-C ends the training and saves; the second kills.
let interrupted = false;
process.once("SIGINT", () => {
  interrupted = true;
});
const data = await loadEmojiStyle();
const log = join(options.out, "training.jsonl");
await mkdir(options.out, { recursive: true });
await writeFile(log, "");
const started = performance.now();
let recent = 0;
const { checkpoint } = await pretrain({
  set: data.public,
  vocabulary: data.vocabulary,
  steps: options.steps,
  batchSize: options.batch,
  learningRate: options.lr,
  seed: options.seed,
  threads: options.threads,
  stop: () => interrupted || performance.now() - started > options.minutes * 60_000,
  onStep: (step, loss, now) => {
    recent = recent === 0 ? loss : 0.98 * recent + 0.02 * loss;
    if (step % 50 !== 0) return;
    const seconds = (performance.now() - started) / 1000;
    const left = (seconds / step) * (options.steps - step);
    console.log(
      `step ${step}/${options.steps}  loss ${recent.toFixed(4)}  ${((step * options.batch) / seconds).toFixed(0)} samples/s  ${(left / 60).toFixed(1)} min left`,
    );
    void appendFile(log, `${JSON.stringify({ step, loss: Number(recent.toFixed(5)) })}\n`);
    if (step % 500 === 0) void saveCheckpoint(options.out, now());
  },
});
await saveCheckpoint(options.out, checkpoint);
const painter = createTextToImage({ checkpoint, threads: options.threads });
const prompts = (data.public.captions ?? []).filter((_, i) => i % 3 === 0).slice(0, 64);
const images = await painter.generate({ prompts, seed: 1, steps: 16, guidance: 2 });
await writeFile(join(options.out, "samples.png"), encodeSheet(images));
await writeFile(join(options.out, "samples.json"), JSON.stringify(prompts, null, 1));
await painter.close();

import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rng } from "@tandem/core/rng";
import { concatenateRows, type TensorOf, takeRows, u8 } from "@tandem/core/tensor";
import { type DiffusionModel, saveModel } from "@tandem/diffusion/diffusion-model";
import { createLatents } from "@tandem/diffusion/latents";
import { trainingScheduler } from "@tandem/diffusion/schedulers/training";
import { shifted } from "@tandem/diffusion/training/augment";
import type { TrainingSample } from "@tandem/diffusion/training/batch";
import { loadState, saveState, type TrainingState } from "@tandem/diffusion/training/state";
import type { Trainer } from "@tandem/diffusion/training/trainer";
import { type Command, Option } from "commander";
import { natural, notice, positive, whole } from "../options";
import { type Recipe, recipes } from "./recipes";

export type RunOptions = {
  readonly dataset: string;
  readonly out: string;
  readonly resume?: true;
  readonly steps?: number;
  readonly minutes?: number;
  readonly batch: number;
  readonly lr: number;
  readonly saveMinutes: number;
  readonly threads: number;
  readonly seed: number;
};

export const withRunOptions = (
  command: Command,
  { steps, lr }: { readonly steps: number; readonly lr: number },
): Command =>
  command
    .addOption(
      new Option("--dataset <name>", "data set")
        .choices(Object.keys(recipes))
        .default("emoji-style"),
    )
    .option("--resume", "go on from the state in the folder")
    .option(
      "--steps <n>",
      `training steps, ${steps} by default; the learning rate falls along them`,
      natural,
    )
    .addOption(
      new Option("--minutes <m>", "instead of --steps: the learning rate falls along the clock")
        .argParser(positive)
        .conflicts("steps"),
    )
    .option("--batch <n>", "batch size", natural, 32)
    .option("--lr <rate>", "peak learning rate of AdamW", positive, lr)
    .option("--save-minutes <m>", "minutes between checkpoints", positive, 4)
    .option("--threads <n>", "threads of onnxruntime", natural, 2)
    .option("--seed <n>", "seed of weights, batches and noise", whole, 1);

/** Draws samples of a recipe, as latents, each picture in all the places that it may lie in. */
export async function samplesOf(
  { images, captions, shift, draw, caption }: Recipe,
  model: DiffusionModel,
  options: { readonly threads: number },
) {
  const side = images.shape[1];
  const offsets = Array.from({ length: 2 * shift.pixels + 1 }, (_, i) => i - shift.pixels);
  const places = offsets.flatMap((dx) => offsets.map((dy) => [dx, dy] as const));
  // (places N, C, h, w)
  const moved = concatenateRows(
    places.map((by) =>
      concatenateRows(
        Array.from(captions, (_, row): TensorOf<"u8"> => {
          const { shape, data } = takeRows(images, [row]);
          return u8(shape, shifted(data, { side, by, background: shift.background }));
        }),
      ),
    ),
  );
  const codec = createLatents(model, options);
  const { data, shape } = await codec.encode(moved, 64);
  await codec.close();
  const stride = data.length / moved.shape[0];
  return {
    latents: [shape[1], shape[2], shape[3]] as const,
    sample(rng: Rng): TrainingSample {
      const row = draw(rng);
      const place = (rng.integer(places.length) * captions.length + row) * stride;
      return {
        latents: data.subarray(place, place + stride),
        caption: caption(captions[row], rng),
        weight: 1,
      };
    },
  };
}

const paths = { state: "state.safetensors", run: "run.json", log: "training.jsonl" } as const;

/** Trains until the steps or the minutes are over, or Ctrl-C; saves model, state and log. */
export async function trainBase(
  model: DiffusionModel,
  options: RunOptions & {
    /** Of a trainer whose learning rate falls along the run, with all else decided. */
    readonly start: (
      learningRate: (step: number) => number,
      resumed?: TrainingState,
    ) => Promise<Trainer>;
    readonly defaultSteps: number;
  },
): Promise<void> {
  const { out, batch, lr, minutes, start, defaultSteps, ...told } = options;
  trainingScheduler(model.configs.scheduler).notices.forEach(notice);
  const at = (file: keyof typeof paths) => join(out, paths[file]);
  const totalSteps = minutes ? undefined : (options.steps ?? defaultSteps);
  await mkdir(out, { recursive: true });
  const resumed = options.resume && (await loadState(at("state")));
  const earlier = resumed ? Number(JSON.parse(await readFile(at("run"), "utf8")).seconds) : 0;
  if (!resumed) await writeFile(at("log"), "");
  const started = performance.now();
  const seconds = () => earlier + (performance.now() - started) / 1000;
  const share = (step: number) =>
    totalSteps ? step / totalSteps : seconds() / (60 * (minutes ?? 1));
  const cosine = (x: number) => 0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, x)));
  const trainer = await start(
    (step) => lr * Math.min(1, step / 100) * cosine(share(step)),
    resumed || undefined,
  );

  async function save(step: number) {
    await saveState(at("state"), trainer.state());
    const run = { step, seconds: Math.round(seconds()), batch, lr, minutes, ...told };
    await writeFile(`${at("run")}.partial`, `${JSON.stringify(run, null, 2)}\n`);
    await rename(`${at("run")}.partial`, at("run"));
    const weights = { ...model.weights, ...trainer.trained() };
    await saveModel(out, { ...model, weights }, { half: true });
  }

  // The first Ctrl-C ends the training and saves; the second kills.
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      interrupted = true;
    });
  let [recent, saved, step, first] = [0, seconds(), resumed ? resumed.step : 0, 0];
  while (!interrupted && share(step) < 1) {
    const report = await trainer.step();
    step = report.step;
    first ||= step;
    recent = recent === 0 ? report.loss : 0.98 * recent + 0.02 * report.loss;
    if (step % 50 === 0) {
      const rate = ((step - first + 1) * batch) / (seconds() - earlier);
      const left = seconds() * (1 / share(step) - 1);
      console.log(
        `step ${step}  loss ${recent.toFixed(4)}  norm ${report.norm.toFixed(2)}  ${rate.toFixed(0)} samples/s  ${(left / 60).toFixed(1)} min left`,
      );
      const line = { step, loss: Number(recent.toFixed(5)), seconds: Math.round(seconds()) };
      await appendFile(at("log"), `${JSON.stringify(line)}\n`);
    }
    if (seconds() - saved > 60 * options.saveMinutes) {
      await save(step);
      saved = seconds();
    }
  }
  await save(step);
  await trainer.close();
  console.log(`${step} steps in ${(seconds() / 60).toFixed(1)} minutes, model in ${out}`);
}

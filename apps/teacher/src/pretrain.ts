import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { concatenateRows, type TensorOf, takeRows, u8 } from "@tandem/core/tensor";
import { shifted } from "@tandem/diffusion/augment";
import { type DiffusionModel, loadModel, saveModel } from "@tandem/diffusion/diffusion-model";
import { createLatents } from "@tandem/diffusion/latents";
import { smallBase } from "@tandem/diffusion/small-base";
import { loadState, saveState } from "@tandem/diffusion/train-state";
import { createTrainer } from "@tandem/diffusion/trainer";
import { Command, Option } from "commander";
import { recipes } from "./pretrain-recipes";

const number = (text: string) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TandemError("bad-config", `"${text}" is no number above 0`);
};
const program = new Command("pretrain")
  .description(
    "Train the base text-to-image model on the public split of a data set. Ctrl-C saves; --resume goes on.",
  )
  .addOption(
    new Option("--dataset <name>", "data set").choices(Object.keys(recipes)).default("emoji-style"),
  )
  .option("--out <dir>", "folder of model, state and log; .cache/pretrain/<data set> by default")
  .option("--resume", "go on from the state in the folder")
  .option("--init <dir>", "begin with the weights of this model that have the same name and shape")
  .option(
    "--steps <n>",
    "training steps, 3000 by default; the learning rate falls along them",
    number,
  )
  .option("--minutes <m>", "instead of --steps: the learning rate falls along the clock", number)
  .option("--batch <n>", "batch size", number, 32)
  .option("--lr <rate>", "peak learning rate of AdamW", number, 1e-3)
  .option("--save-minutes <m>", "minutes between checkpoints", number, 4)
  .option("--threads <n>", "threads of onnxruntime", number, 2)
  .option("--seed <n>", "seed of weights, batches and noise", number, 1)
  .parse();
const options = program.opts<{
  dataset: string;
  out?: string;
  resume?: true;
  init?: string;
  steps?: number;
  minutes?: number;
  batch: number;
  lr: number;
  saveMinutes: number;
  threads: number;
  seed: number;
}>();
const { dataset, out = `.cache/pretrain/${dataset}`, batch, lr, seed, threads } = options;
if (options.steps && options.minutes) program.error("give --steps or --minutes, not both");
const totalSteps = options.minutes ? undefined : (options.steps ?? 3000);

const paths = { state: "state.safetensors", run: "run.json", log: "training.jsonl" } as const;
const at = (file: keyof typeof paths) => join(out, paths[file]);
const { images, captions, shift, draw, caption, vocabulary, ...recipe } = await recipes[dataset]();
const side = images.shape[1];
const fresh = smallBase({ ...recipe.model, vocabulary, side, seed });
const model = options.init ? startingFrom(await loadModel(options.init), fresh) : fresh;

// Every picture in all places up to so many pixels away: (places N, C, h, w).
const offsets = Array.from({ length: 2 * shift.pixels + 1 }, (_, i) => i - shift.pixels);
const places = offsets.flatMap((dx) => offsets.map((dy) => [dx, dy] as const));
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
const codec = createLatents(model, { threads });
const latents = await codec.encode(moved, 64);
await codec.close();
const stride = latents.data.length / moved.shape[0];

await mkdir(out, { recursive: true });
const resumed = options.resume && (await loadState(at("state")));
const earlierSeconds = resumed ? Number(JSON.parse(await readFile(at("run"), "utf8")).seconds) : 0;
if (!resumed) await writeFile(at("log"), "");

const started = performance.now();
const seconds = () => earlierSeconds + (performance.now() - started) / 1000;
const share = (step: number) =>
  totalSteps ? step / totalSteps : seconds() / (60 * (options.minutes ?? 1));
const cosine = (x: number) => 0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, x)));
const trainer = await createTrainer(
  model,
  {
    batchSize: batch,
    latents: [latents.shape[1], latents.shape[2], latents.shape[3]],
    learningRate: (step) => lr * Math.min(1, step / 100) * cosine(share(step)),
    averageDecay: 0.998,
    seed: `pretrain/${seed}`,
    threads,
    sample: (rng) => {
      const row = draw(rng);
      const place = (rng.integer(places.length) * captions.length + row) * stride;
      return {
        latents: latents.data.subarray(place, place + stride),
        caption: caption(captions[row], rng),
        weight: 1,
      };
    },
  },
  resumed || undefined,
);

async function save(step: number) {
  await saveState(at("state"), trainer.state());
  const run = { step, seconds: Math.round(seconds()), ...options };
  await writeFile(`${at("run")}.partial`, `${JSON.stringify(run, null, 2)}\n`);
  await rename(`${at("run")}.partial`, at("run"));
  await saveModel(
    out,
    { ...model, weights: { ...model.weights, ...trainer.trained() } },
    { half: true },
  );
}

/** Weights of the same name and shape, and of words that both know their embedding. */
function startingFrom(known: DiffusionModel, wanted: DiffusionModel): DiffusionModel {
  const weights = Object.fromEntries(
    Object.entries(wanted.weights).map(([name, own]) => {
      const other = known.weights[name];
      return [name, other && String(other.shape) === String(own.shape) ? other : own];
    }),
  );
  const table = "text_encoder.text_model.embeddings.token_embedding.weight";
  const [from, to] = [known.weights[table], wanted.weights[table]];
  const width = to.shape[1];
  if (from.shape[1] === width) {
    const data = Float32Array.from(to.data);
    const idOf = (model: DiffusionModel, word: string) => model.tokenizer.encode([word])[1];
    for (const word of vocabulary.words) {
      const row = idOf(known, word) * width;
      data.set(from.data.subarray(row, row + width), idOf(wanted, word) * width);
    }
    weights[table] = { ...to, data };
  }
  return { ...wanted, weights };
}

// The first Ctrl-C ends the training and saves; the second kills.
let interrupted = false;
process.once("SIGINT", () => {
  interrupted = true;
});
process.once("SIGTERM", () => {
  interrupted = true;
});
let [recent, saved, step, first] = [0, seconds(), resumed ? resumed.step : 0, 0];
while (!interrupted && share(step) < 1) {
  const report = await trainer.step();
  step = report.step;
  first ||= step;
  recent = recent === 0 ? report.loss : 0.98 * recent + 0.02 * report.loss;
  if (step % 50 === 0) {
    const rate = ((step - first + 1) * batch) / (seconds() - earlierSeconds);
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

import { access, appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { type DiffusionModel, saveModel } from "../diffusion-model";
import { loadState, saveState, type TrainingState } from "./state";
import type { StepReport, Trainer } from "./trainer";

/** The learning rate falls along the steps, or along the clock. */
export type TrainingLimit = { readonly steps: number } | { readonly minutes: number };

export type BaseReport = StepReport & {
  /** Of what has been asked for, 0-1. */
  readonly fraction: number;
  /** The running average, which tells more than one batch's. */
  readonly meanLoss: number;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
};

export type BaseTraining = {
  /** Of model, state and log. */
  readonly directory: string;
  /** Goes on from the state in the folder. */
  readonly resume: boolean;
  readonly limit: TrainingLimit;
  readonly batchSize: number;
  /** Peak of AdamW. */
  readonly learningRate: number;
  /** Between checkpoints. */
  readonly saveSeconds: number;
  /** Kept beside the model. */
  readonly told?: Readonly<Record<string, unknown>>;
  /** Of a trainer whose learning rate falls along the run, with all else decided. */
  readonly start: (
    learningRate: (step: number) => number,
    resumed?: TrainingState,
  ) => Promise<Trainer>;
  /** Ends the training; what there is is saved. */
  readonly signal?: AbortSignal;
  readonly onStep?: (report: BaseReport) => void;
  /** Told the model of each checkpoint. */
  readonly onSave?: (model: DiffusionModel, step: number) => Promise<void>;
};

const paths = { state: "state.safetensors", run: "run.json", log: "training.jsonl" } as const;
const logEvery = 50;

/** Whether a folder has the state of a training to go on from. */
export const hasState = (directory: string): Promise<boolean> =>
  access(join(directory, paths.state)).then(
    () => true,
    () => false,
  );

/**
 * Trains until the steps or the minutes are over, or the signal; saves model, state and log. Throws
 * `not-found` where there is no state to go on from, and what the trainer throws.
 */
export async function trainBase(
  model: DiffusionModel,
  training: BaseTraining,
): Promise<{ readonly step: number; readonly seconds: number; readonly finished: boolean }> {
  const { directory, resume, limit, batchSize, learningRate, signal, start } = training;
  const at = (file: keyof typeof paths) => join(directory, paths[file]);
  await mkdir(directory, { recursive: true });
  if (resume && !(await hasState(directory)))
    throw new TandemError("not-found", `${directory} has no training to go on from: begin one`);
  const resumed = resume ? await loadState(at("state")) : undefined;
  const earlier = resumed ? Number(JSON.parse(await readFile(at("run"), "utf8")).seconds) : 0;
  if (!resumed) await writeFile(at("log"), "");
  const started = performance.now();
  const seconds = () => earlier + (performance.now() - started) / 1000;
  const share = (step: number) =>
    Math.min(1, "steps" in limit ? step / limit.steps : seconds() / (60 * limit.minutes));
  const cosine = (x: number) => 0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * x));
  const trainer = await start(
    (step) => learningRate * Math.min(1, step / 100) * cosine(share(step)),
    resumed,
  );

  async function save(step: number) {
    // Before the state, so that no state is without it.
    const run = { step, seconds: Math.round(seconds()), ...limit, ...training.told };
    await writeFile(`${at("run")}.partial`, `${JSON.stringify(run, null, 2)}\n`);
    await rename(`${at("run")}.partial`, at("run"));
    await saveState(at("state"), trainer.state());
    const trained = { ...model, weights: { ...model.weights, ...trainer.trained() } };
    await saveModel(directory, trained, { half: true });
    await training.onSave?.(trained, step);
  }

  try {
    let [meanLoss, saved, step, first] = [0, seconds(), resumed ? resumed.step : 0, 0];
    while (!signal?.aborted && share(step) < 1) {
      const report = await trainer.step();
      step = report.step;
      first ||= step;
      meanLoss = meanLoss === 0 ? report.loss : 0.98 * meanLoss + 0.02 * report.loss;
      const fraction = share(step);
      training.onStep?.({
        ...report,
        fraction,
        meanLoss,
        samplesPerSecond: ((step - first + 1) * batchSize) / (seconds() - earlier),
        secondsLeft: seconds() * (1 / fraction - 1),
      });
      if (step % logEvery === 0) {
        const line = { step, loss: Number(meanLoss.toFixed(5)), seconds: Math.round(seconds()) };
        await appendFile(at("log"), `${JSON.stringify(line)}\n`);
      }
      if (seconds() - saved > training.saveSeconds) {
        await save(step);
        saved = seconds();
      }
    }
    await save(step);
    return { step, seconds: seconds(), finished: share(step) >= 1 };
  } finally {
    await trainer.close();
  }
}

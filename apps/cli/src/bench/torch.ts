import { resolve } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { Json } from "@tandem/core/json";
import { adaptedLayers } from "@tandem/diffusion/painters/painter";
import { samplingScheduler } from "@tandem/diffusion/schedulers/sampling";
import { trainingScheduler } from "@tandem/diffusion/schedulers/training";
import { numberOf, startPython } from "./python";
import { guidance, type Measure, type Subject, steps } from "./subject";
import type { Candidate } from "./take-turns";
import type { TeacherJob } from "./teacher-report";

export type TorchReference = {
  readonly name: string;
  readonly disagreement: number;
  /** In each of the memory layouts that PyTorch has for pictures. */
  readonly timed: (measure: Measure) => readonly Candidate[];
  close(): Promise<void>;
};

const bound = 1e-3;

/**
 * The same weights in PyTorch, once one call of the denoiser has agreed; a text that says why where
 * there is nothing to compare with.
 */
export async function startTorch(
  job: TeacherJob,
  subject: Subject,
): Promise<TorchReference | string> {
  const { model, latents, prompts } = subject;
  const { codec, configs, tokenizer } = model;
  const { scheduler } = configs;
  if (codec.type !== "PixelShuffle") return `not compared: reference_torch.py has no ${codec.type}`;
  if (scheduler._class_name !== "DDIMScheduler")
    return `not compared: reference_torch.py has no ${scheduler._class_name}`;
  const python = await startPython({
    script: "reference_torch.py",
    arguments: [String(job.threads)],
    module: "torch",
    interpreter: job.python,
  });
  if (!python) return "not installed (Debian: apt-get install python3-torch libopenblas0-pthread)";
  const { alphaSigma, trainTimesteps, predictionType } = trainingScheduler(scheduler).scheduler;
  const { parameters, adapted, layouts } = await python.ask({
    op: "load",
    model: resolve(job.model),
    rank: job.rank,
    loraTargets: adaptedLayers.source.replace(/^\^|\$$/g, ""),
    alphas: Array.from({ length: trainTimesteps }, (_, t) => alphaSigma(t)[0]),
    prediction: predictionType,
  });
  const { torch, blas, onednn } = python.about;
  const rows = (texts: readonly string[]): Json => {
    const all = Array.from(tokenizer.encode(texts));
    return texts.map((_, i) => all.slice(i * tokenizer.length, (i + 1) * tokenizer.length));
  };
  const captions = (count: number) =>
    rows(Array.from({ length: count }, (_, i) => prompts[i % prompts.length]));
  const requests: Readonly<Record<Measure, Readonly<Record<string, Json>>>> = {
    sampling: {
      op: "sample",
      ids: rows([...prompts, ""]),
      timesteps: samplingScheduler(scheduler).scheduler.setTimesteps(steps).timesteps,
      guidance,
      latents,
      factor: codec.factor,
    },
    training: { op: "train", what: "full", ids: captions(job.batch), latents },
    lora: { op: "train", what: "lora", ids: captions(job.loraBatch), latents },
  };
  const memory = Array.isArray(layouts) ? layouts.map(String) : [];
  let disagreement = 0;
  for (const layout of memory)
    disagreement = Math.max(
      disagreement,
      await disagreementOf(subject, (request) => python.ask({ ...request, layout })),
    );
  return {
    name: `${torch}, ${blas}, oneDNN ${onednn ? "on" : "off"}; ${parameters} parameters, LoRA on ${adapted} layers`,
    disagreement,
    timed: (measure) =>
      memory.map((layout) => ({
        name: `PyTorch, ${layout}`,
        run: async () => numberOf(await python.ask({ ...requests[measure], layout }), "ms"),
      })),
    close: python.close,
  };
}

async function disagreementOf(
  subject: Subject,
  ask: (request: Readonly<Record<string, Json>>) => Promise<Readonly<Record<string, Json>>>,
): Promise<number> {
  const { inputs, output } = await subject.denoise();
  const names = ["sample", "timestep", "context", "pooled"] as const;
  const given = names.map((name): [string, Json] => {
    const { data, dims } = inputs[name];
    return [name, { data: Array.from(data as Float32Array), shape: [...dims] }];
  });
  const { output: theirs } = await ask({ op: "denoise", ...Object.fromEntries(given) });
  if (!Array.isArray(theirs) || theirs.length !== output.length)
    throw new Error("PyTorch's answer has another length");
  const largest = theirs.reduce((most, x) => Math.max(most, Math.abs(Number(x))), 0);
  const difference = output.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - Number(theirs[i]))),
    0,
  );
  const relative = difference / largest;
  if (relative <= bound) return relative;
  throw new TandemError(
    "bad-data",
    `one call of the denoiser differs from PyTorch's by ${relative.toExponential(1)}, more than ${bound}: nothing is timed`,
  );
}

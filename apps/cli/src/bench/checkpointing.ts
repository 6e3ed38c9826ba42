import { createRng } from "@tandem/core/rng";
import { createModel, type DiffusionModel, prefixed } from "@tandem/diffusion/diffusion-model";
import { attentionTargets, matchesTargets } from "@tandem/diffusion/lora/targets";
import { componentSpecs } from "@tandem/diffusion/models/components";
import { initialise } from "@tandem/diffusion/models/parameters";
import { componentWeights } from "@tandem/diffusion/models/weights";
import { smallBase } from "@tandem/diffusion/training/small-base";
import { createTrainer } from "@tandem/diffusion/training/trainer";
import { table } from "./table";

/** One kind of training, in a process of its own: a peak of memory cannot be taken back. */
export type CheckpointingJob = {
  readonly kind: "checkpointing";
  readonly training: "full" | "adapter";
  readonly checkpointing: boolean;
  /** Height and width of the latents. */
  readonly side: number;
  readonly steps: number;
  readonly threads: number;
};

export type CheckpointingReport = {
  readonly job: CheckpointingJob;
  /** Largest resident set less what the process held before the trainer was made. */
  readonly peakMiB: number;
  /** Of the processor, all threads together; the fastest step, which others disturbed least. */
  readonly cpuSeconds: number;
  readonly loss: number;
};

export const checkpointingVariants = (["full", "adapter"] as const).flatMap((training) =>
  [false, true].map((checkpointing) => ({ training, checkpointing })),
);

/** SD 1.x in its blocks, four levels of two layers, at a tenth of its width. */
function wideModel(side: number): DiffusionModel {
  const { configs, tokenizer, weights } = smallBase({
    vocabulary: { words: ["fox"], buckets: 2 },
    side: 2 * side,
    widths: [32, 64, 128, 128],
    textWidth: 128,
    textLayers: 2,
    textLength: 16,
    seed: "checkpointing",
  });
  const attended = (type: string, plain: string) => [
    ...Array.from({ length: 3 }, () => `CrossAttn${type}`),
    plain,
  ];
  const unet = {
    ...configs.unet,
    layers_per_block: 2,
    down_block_types: attended("DownBlock2D", "DownBlock2D"),
    up_block_types: attended("UpBlock2D", "UpBlock2D").reverse(),
    attention_head_dim: 2,
  };
  const fresh = initialise(componentSpecs(unet), createRng("checkpointing/unet"));
  const text = Object.entries(weights).filter(([name]) => name.startsWith("text_encoder."));
  return createModel({
    configs: { ...configs, unet },
    tokenizer,
    weights: { ...Object.fromEntries(text), ...prefixed({ unet: componentWeights(unet, fresh) }) },
  });
}

export async function benchCheckpointing(
  job: CheckpointingJob,
  note: (text: string) => void,
): Promise<CheckpointingReport> {
  const { training, checkpointing, side, steps, threads } = job;
  note(`${training}, checkpointing ${checkpointing ? "on" : "off"}`);
  const model = wideModel(side);
  const latents = Float32Array.from({ length: 12 * side * side }, (_, i) => Math.sin(i));
  const peak = () => process.resourceUsage().maxRSS / 1024;
  const before = peak();
  const trainer = await createTrainer(model, {
    sample: () => ({ latents, caption: "fox", weight: 1 }),
    batchSize: 1,
    latents: [12, side, side],
    learningRate: () => 1e-4,
    seed: "checkpointing",
    threads,
    checkpointing,
    ...(training === "adapter" && {
      lora: { rank: 4, targets: matchesTargets(attentionTargets) },
    }),
  });
  const seconds: number[] = [];
  let loss = Number.NaN;
  for (let step = 0; step < steps; step++) {
    const started = process.cpuUsage();
    ({ loss } = await trainer.step());
    const { user, system } = process.cpuUsage(started);
    seconds.push((user + system) / 1e6);
  }
  await trainer.close();
  return { job, peakMiB: peak() - before, cpuSeconds: Math.min(...seconds), loss };
}

export function checkpointingTable(reports: readonly CheckpointingReport[]): string {
  const rows = reports.map(({ job, peakMiB, cpuSeconds }) => {
    const plain = reports.find((other) => other.job.training === job.training);
    const ratio = (of: number, to = of) => (of / to).toFixed(2);
    return [
      `${job.training}, checkpointing ${job.checkpointing ? "on" : "off"}`,
      peakMiB.toFixed(0),
      ratio(peakMiB, plain?.peakMiB),
      cpuSeconds.toFixed(2),
      ratio(cpuSeconds, plain?.cpuSeconds),
    ];
  });
  return table([["training", "peak MiB", "ratio", "CPU s a step", "ratio"], ...rows]);
}

import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { FinetuneRequest, TaskOptions, Teacher } from "@tandem/core/teacher";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import { type DiffusionModel, loadModel } from "../diffusion-model";
import { readPeft } from "../lora/peft";
import { createPipeline, type PipelineOptions } from "../pipeline";
import { guidanceScale } from "../schedulers/guidance";
import { samplingScheduler } from "../schedulers/sampling";
import { cutNotices } from "../tokenizers/prompt-tokenizer";
import { type TrainingSet, trainAdapter } from "../training/adapter-training";
import { type Distilled, loadDistilled } from "./distilled";

export type Painter = Pick<Teacher, "imageSize" | "abilities" | "generate" | "finetune" | "close">;

/** Attention of the U-Net, and what the caption as a whole acts through. */
export const adaptedLayers =
  /^unet\.(.*\.attn[12]\.to_(q|k|v|out\.0)|class_embedding\.linear_[12])$/;

/** The teacher's port on a model folder in diffusers' layout. */
export async function loadPainter({
  directory,
  isPlain = false,
  ...options
}: PipelineOptions & {
  readonly directory: string;
  readonly replay?: LabelledSet;
  /** Leaves a distilled model aside. */
  readonly isPlain?: boolean;
}): Promise<Painter> {
  const distilled = isPlain ? undefined : await loadDistilled(directory);
  const { notice } = options;
  const model = await loadModel(directory, notice ? { notice } : {});
  return createPainter({ ...options, model, ...(distilled && { distilled }) });
}

export function createPainter({
  model,
  distilled,
  replay,
  ...options
}: PipelineOptions & {
  readonly model: DiffusionModel;
  /** Paints what it was distilled for; adapters go on top of it as on the model. */
  readonly distilled?: Distilled;
  /** Public samples that fine-tuning may draw from. */
  readonly replay?: LabelledSet;
}): Painter {
  const [side, width] = model.size;
  if (side !== width)
    throw new TandemError("not-supported", `a teacher paints squares, not ${side} x ${width}`);
  const models = distilled ? [model, distilled.model] : [model];
  const notices = models.flatMap(({ configs }) => samplingScheduler(configs.scheduler).notices);
  for (const notice of new Set(notices)) options.notice?.(notice);
  const pipeline = createPipeline(model, options);
  const fast = distilled && createPipeline(distilled.model, options);
  const noticeCuts = cutNotices(model.tokenizer, options.notice);
  let replayed: Promise<TensorOf<"f32">> | undefined;

  async function finetune(request: FinetuneRequest, task: TaskOptions = {}) {
    const { samples, rank, steps, batchSize, learningRate, seed, adapter } = request;
    checkFinetune(request, replay);
    noticeCuts(samples.captions);
    const { rows, share } = request.replay;
    const prior = async (): Promise<TrainingSet> => {
      if (!replay?.images || !replay.captions) throw new Error("the check let no replay through");
      const { captions } = replay;
      replayed ??= pipeline.encode(replay.images);
      return {
        latents: takeRows(await replayed, rows),
        captions: rows.map((row) => captions[row]),
      };
    };
    const { arrays, losses } = await trainAdapter(
      model,
      {
        ...options,
        lora: { rank, targets: (module) => adaptedLayers.test(module) },
        adapter,
        samples: {
          latents: await pipeline.encode(samples.images),
          captions: samples.captions,
          weights: samples.weights,
        },
        ...(rows.length > 0 && { prior: { ...(await prior()), share } }),
        steps,
        batchSize,
        // Falls to nothing, so that what is left is not the last batches' noise.
        learningRate: (step) => (learningRate * (1 + Math.cos((Math.PI * (step - 1)) / steps))) / 2,
        seed: `finetune/${seed}`,
      },
      task,
    );
    return { adapter: arrays, losses };
  }

  return {
    imageSize: side,
    abilities: { finetune: true, repeat: true, noiseShape: pipeline.noiseShape },
    generate({ adapter, ...request }, task) {
      const adapted = { ...request, ...(adapter && { adapter: readPeft(adapter) }) };
      const isDistilled =
        request.steps === distilled?.steps &&
        guidanceScale(request.guidance) === guidanceScale(distilled.guidance);
      return fast && isDistilled
        ? fast.paint({ ...adapted, guidance: 1 }, task)
        : pipeline.paint(adapted, task);
    },
    finetune,
    async close() {
      await pipeline.close();
      await fast?.close();
    },
  };
}

function checkFinetune({ samples, replay }: FinetuneRequest, real: LabelledSet | undefined) {
  const [count] = samples.images.shape;
  const { captions, weights } = samples;
  if (captions.length !== count || weights.length !== count)
    throw new Error(`${count} images, ${captions.length} captions, ${weights.length} weights`);
  const size = real?.images && real.captions ? real.size : 0;
  const outside = replay.rows.find((row) => row < 0 || row >= size);
  if (outside !== undefined)
    throw new TandemError("bad-data", `replay row ${outside} is not among ${size} public samples`);
}

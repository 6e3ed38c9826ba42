import { type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { ClientModel } from "@tandem/core/model";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import {
  type Concept,
  categories,
  emojiConcepts,
  type Split,
  type Vendor,
} from "@tandem/datasets/emoji/concepts";
import { rasteriseIcons } from "@tandem/datasets/emoji/rasterise";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy } from "@tandem/evaluation/predictions";
import { type Backbone, loadBackbone } from "@tandem/models/backbone/backbone";
import { featuresOf } from "@tandem/models/backbone/features";
import { readBackbone } from "@tandem/models/backbone/files";
import { mobileNet, mobileNetFiles } from "@tandem/models/backbone/mobile-net";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { crossEntropy } from "@tandem/strategies/training/losses";
import { thisMachine } from "../harness/machine";
import type { BackboneJob, BackboneReport } from "./backbone-report";

/** Pixels of the pictures for models that read these; and how many large ones are in memory at a time. */
const [side, chunk] = [32, 64];
const classes = categories.length;
const tokenizer = createTokenizer({ words: [], buckets: 1 });
const trainer = createTrainer({ tokenizer });

type Note = (text: string) => void;
type Seen = LabelledSet & Required<Pick<LabelledSet, "images" | "features">>;

/** A head on MobileNetV2's features beside a small CNN, both on one vendor's pictures. */
export async function benchBackbone(job: BackboneJob, note: Note): Promise<BackboneReport> {
  const { backend } = await startNodeEngine({ prefer: "wasm" });
  const folder = await mobileNetFiles();
  const files = await readBackbone(async (path) => folder[path]);
  const backbone = await loadBackbone(files, mobileNet);
  const concepts = emojiConcepts();
  const of = (split: Split) => concepts.filter((concept) => concept.split === split);
  const [learnt, asked] = [of("private"), of("test")];
  const most = Math.max(...job.samples);
  if (most > learnt.length)
    throw new TandemError(
      "bad-config",
      `there are ${learnt.length} pictures to learn, not ${most}`,
    );
  const pool = await seen(job.vendor, learnt, { backbone, note });
  const own = await seen(job.vendor, asked, { backbone, note });
  const other = await seen(job.other, asked, { backbone, note });
  backbone.dispose();

  const rows: BackboneReport["rows"][number][] = [];
  for (const samples of job.samples)
    for (const architecture of ["backbone-linear", "backbone-mlp", "cnn-small"]) {
      const runs: Run[] = [];
      for (const seed of job.seeds) {
        note(`${architecture} on ${samples} pictures, seed ${seed}`);
        const order = createRng(`backbone/${seed}`).permutation(pool.set.size);
        const set = subset(pool.set, order.slice(0, samples));
        const options = { architecture, featureSize: backbone.features, epochs: job.epochs, seed };
        runs.push(await run(set, options, [own.set, other.set]));
      }
      rows.push({ architecture, samples, runs });
    }
  const sets = [pool, own, other];
  const total = sets.reduce((sum, { seconds }) => sum + seconds, 0);
  const pictures = sets.reduce((sum, { set }) => sum + set.size, 0);
  return {
    job,
    machine: thisMachine(),
    backend,
    asked: asked.length,
    milliseconds: (1000 * total) / pictures,
    rows,
  };
}

type Run = BackboneReport["rows"][number]["runs"][number];

async function run(
  set: LabelledSet,
  options: {
    readonly architecture: string;
    readonly featureSize: number;
    readonly epochs: number;
    readonly seed: number;
  },
  asked: readonly [LabelledSet, LabelledSet],
): Promise<Run> {
  const { epochs, seed } = options;
  const vocabularySize = tokenizer.size;
  const model = createModel({ ...options, classes, vocabularySize, imageSize: side });
  try {
    const before = processorSeconds();
    await fit(model, set, { epochs, seed });
    const seconds = processorSeconds() - before;
    const [own, other] = [await accuracyOn(asked[0], model), await accuracyOn(asked[1], model)];
    return { own, other, seconds };
  } finally {
    model.dispose();
  }
}

/** Small pictures and their features, which are made from large ones. */
async function seen(
  vendor: Vendor,
  concepts: readonly Concept[],
  { backbone, note }: { readonly backbone: Backbone; readonly note: Note },
): Promise<{ readonly set: Seen; readonly seconds: number }> {
  const count = concepts.length;
  const features = new Float32Array(count * backbone.features);
  let seconds = 0;
  for (let from = 0; from < count; from += chunk) {
    note(`features of ${vendor}, ${from} of ${count}`);
    const part = concepts.slice(from, from + chunk);
    const size = backbone.size;
    const large = await rasteriseIcons(vendor, part, { size });
    const before = processorSeconds();
    const made = await featuresOf(backbone, u8([part.length, size, size, 3], large));
    seconds += processorSeconds() - before;
    features.set(made.data, from * backbone.features);
  }
  const small = await rasteriseIcons(vendor, concepts, { size: side });
  const set: Seen = {
    size: count,
    labels: Int32Array.from(concepts, ({ label }) => label),
    images: u8([count, side, side, 3], small),
    features: { dtype: "f32", shape: [count, backbone.features], data: features },
  };
  return { set, seconds };
}

const fit = (
  model: ClientModel,
  set: LabelledSet,
  { epochs, seed }: { readonly epochs: number; readonly seed: number },
) =>
  trainer.train({
    model,
    set,
    epochs,
    batchSize: 32,
    learningRate: 0.001,
    rng: createRng(`backbone/order/${seed}`),
    loss: ({ logits: { image } }, { labels }) => {
      if (!image) throw new Error("the model does not answer for image");
      return crossEntropy(image, labels);
    },
  });

async function accuracyOn(set: LabelledSet, model: ClientModel): Promise<number> {
  const { image } = (await trainer.predict(model, set)).logits;
  if (!image) throw new Error("the model does not answer for image");
  return accuracy(image, set.labels);
}

/** What else the machine does counts less in this than on a clock. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

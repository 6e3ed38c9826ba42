import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { concatenate } from "@tandem/core/data";
import { datasetNames, loadDataset } from "@tandem/datasets/dataset";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy, judge, trainEvaluator } from "@tandem/evaluation/evaluator";
import { type Architecture, architectures, weightsOf } from "@tandem/evaluation/evaluator-networks";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { Command, Option } from "commander";

const program = new Command("evaluator")
  .description(
    "Train the judge of a data set on samples that neither a client nor the teacher sees.",
  )
  .addOption(
    new Option("--dataset <name>", "data set").choices(datasetNames).default("emoji-style"),
  )
  .addOption(
    new Option("--architecture <name>", "a, or the independent b, which is kept beside it")
      .choices(architectures)
      .default("a"),
  )
  .option("--epochs <n>", "passes over the samples", Number, 40)
  .option("--seed <n>", "seed of weights and batches", Number, 1)
  .parse();
const { dataset, architecture, epochs, seed } = program.opts<{
  dataset: string;
  architecture: Architecture;
  epochs: number;
  seed: number;
}>();

const { classes, background, judge: own, deal } = await loadDataset(dataset);
await startNodeEngine();
const weights = await trainEvaluator(own.trainedOn, {
  classes: classes.length,
  epochs,
  seed,
  architecture,
  background,
  onEpoch: (epoch, loss) => {
    if (epoch % 5 === 0) console.log(`epoch ${epoch}/${epochs}  loss ${loss.toFixed(3)}`);
  },
});
// The private samples are those that it has not seen.
const unseen = concatenate(
  deal({ seed: 1, slots: 12, benchmark: "test" }).pools.map(({ set }) => set),
);
if (!unseen.images || !own.trainedOn.images) throw new Error(`${dataset} holds no images`);
const report = {
  dataset,
  architecture,
  epochs,
  seed,
  samples: own.trainedOn.size,
  accuracy: accuracy(judge(weights, own.trainedOn.images).logits, own.trainedOn.labels),
  accuracyOnUnseen: accuracy(judge(weights, unseen.images).logits, unseen.labels),
};
const file = weightsOf(own.weights, architecture);
await mkdir(dirname(file), { recursive: true });
await writeFile(file, encodeSafetensors(weights));
await writeFile(file.replace(/\.safetensors$/, ".json"), `${JSON.stringify(report, null, 2)}\n`);
console.log(report);

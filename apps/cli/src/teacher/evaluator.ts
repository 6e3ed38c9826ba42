import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { concatenate, type LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { inParts } from "@tandem/datasets/balanced";
import { datasetNames, loadDataset } from "@tandem/datasets/registry";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy, judge, trainEvaluator } from "@tandem/evaluation/evaluator";
import { type Architecture, architectures, weightsOf } from "@tandem/evaluation/evaluator-networks";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { Command, Option } from "commander";
import { natural, whole } from "../options";

export const evaluatorCommand = (): Command =>
  new Command("evaluator")
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
    .addOption(
      new Option("--of <what>", "what it tells apart: the classes, or the set's parts (its styles)")
        .choices(["classes", "parts"])
        .default("classes"),
    )
    .option("--epochs <n>", "passes over the samples", natural, 40)
    .option("--seed <n>", "seed of weights and batches", whole, 1)
    .action(evaluator);

type EvaluatorOptions = {
  readonly dataset: string;
  readonly architecture: Architecture;
  readonly of: "classes" | "parts";
  readonly epochs: number;
  readonly seed: number;
};

async function evaluator(options: EvaluatorOptions): Promise<void> {
  const { dataset, architecture, of, epochs, seed } = options;
  const { classes, background, judge: own, deal } = await loadDataset(dataset);
  const parts = of === "parts" ? own.parts : undefined;
  if (of === "parts" && !parts)
    throw new TandemError(
      "bad-config",
      `${dataset} has no parts to tell apart: leave out --of parts.`,
    );
  const names = parts?.names ?? classes;
  /** With the part of each sample in the place of its class, if that is what is told apart. */
  const relabelled = (set: LabelledSet): LabelledSet =>
    parts
      ? { ...set, labels: Int32Array.from(set.parts ?? [], (part) => names.indexOf(part)) }
      : set;
  const seen = relabelled(own.trainedOn);
  await startNodeEngine();
  const weights = await trainEvaluator(seen, {
    classes: names.length,
    epochs,
    seed,
    architecture,
    background,
    onEpoch: (epoch, loss) => {
      if (epoch % 5 === 0) console.log(`epoch ${epoch}/${epochs}  loss ${loss.toFixed(3)}`);
    },
  });
  // The private samples are those that it has not seen.
  const { pools } = deal({ seed: 1, slots: 12, benchmark: "test" });
  const unseen = concatenate(
    pools.map(({ source, set }) => relabelled(inParts(set, () => source))),
  );
  if (!unseen.images || !seen.images) throw new Error(`${dataset} holds no images`);
  const report = {
    dataset,
    architecture,
    epochs,
    seed,
    of,
    samples: seen.size,
    accuracy: accuracy(judge(weights, seen.images).logits, seen.labels),
    accuracyOnUnseen: accuracy(judge(weights, unseen.images).logits, unseen.labels),
  };
  const file = weightsOf((parts ?? own).weights, architecture);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, encodeSafetensors(weights));
  await writeFile(file.replace(/\.safetensors$/, ".json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(report);
}

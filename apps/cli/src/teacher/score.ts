import { writeFile } from "node:fs/promises";
import { datasetNames } from "@tandem/datasets/registry";
import { encodeSheet } from "@tandem/protocol/sheet";
import { createTeacher, defaultTeacher } from "@tandem/teacher/teacher";
import { Command, Option } from "commander";
import { amount, listOf, natural, notice, whole } from "../options";

export const scoreCommand = (): Command =>
  new Command("score")
    .description(
      "Score base models, old and new, on the public prompts: prompt accuracy, Fréchet distance, diversity, and the share of each of the data set's parts, such as a style.",
    )
    .addOption(
      new Option("--dataset <name>", "data set whose prompts and judge are used")
        .choices(datasetNames)
        .default("emoji-style"),
    )
    .requiredOption("--checkpoint <dir...>", "model folders")
    .option("--seed <list>", "seeds", listOf(whole), [1])
    .option("--steps <list>", "U-Net passes an image", listOf(natural), [8, 12, 16])
    .option("--guidance <list>", "guidance; up to 1: the prompt alone", listOf(amount), [2, 3])
    .option("--per-class <n>", "prompts a class at most", natural, 16)
    .option("--threads <n>", "threads of ONNX Runtime", natural, defaultTeacher.threads)
    .option("--plain", "leave distilled models aside: the base itself")
    .option(
      "--sheet <png>",
      "also paint 64 prompts with the first folder, at the last steps and guidance; the prompts beside it as .json",
    )
    .action(score);

type ScoreOptions = {
  readonly dataset: string;
  readonly checkpoint: readonly string[];
  readonly seed: readonly number[];
  readonly steps: readonly number[];
  readonly guidance: readonly number[];
  readonly perClass: number;
  readonly threads: number;
  readonly plain?: true;
  readonly sheet?: string;
};

async function score(options: ScoreOptions): Promise<void> {
  let isHeaded = false;
  for (const [index, checkpoint] of options.checkpoint.entries()) {
    const { dataset, threads } = options;
    const isPlain = options.plain ?? false;
    const teacher = await createTeacher({ dataset, checkpoint, threads, isPlain }, {}, notice);
    const { prompts, labels } = teacher.publicSet;
    const taken = new Map<number, number>();
    const rows = labels.flatMap((label, row) => {
      const count = (taken.get(label) ?? 0) + 1;
      taken.set(label, count);
      return count <= options.perClass ? [row] : [];
    });
    const request = {
      prompts: rows.map((row) => prompts[row]),
      labels: rows.map((row) => labels[row]),
    };
    for (const seed of options.seed)
      for (const steps of options.steps)
        for (const guidance of options.guidance) {
          const started = performance.now();
          const { scores } = await teacher.evaluate({ ...request, seed, steps, guidance });
          if (!scores) throw new Error(`${dataset} has no judge`);
          const rate = (rows.length * 1000) / (performance.now() - started);
          const { promptAccuracy, realAccuracy, frechet, diversity, parts = {} } = scores;
          const columns = {
            accuracy: promptAccuracy,
            real: realAccuracy,
            frechet,
            diversity,
            "images/s": rate,
            ...parts,
          };
          const line = { checkpoint, seed, steps, guidance };
          if (!isHeaded) console.log(Object.keys({ ...line, ...columns }).join("\t"));
          isHeaded = true;
          const figures = Object.values(columns).map((x) => x.toFixed(3));
          console.log([...Object.values(line), ...figures].join("\t"));
        }
    if (options.sheet && index === 0) {
      const shown = prompts.filter((_, i) => i % 3 === 0).slice(0, 64);
      const [steps, guidance] = [options.steps.at(-1) ?? 16, options.guidance.at(-1) ?? 2];
      const images = await teacher.generate({ prompts: shown, seed: 1, steps, guidance });
      await writeFile(options.sheet, encodeSheet(images));
      await writeFile(options.sheet.replace(/\.png$/, ".json"), JSON.stringify(shown, null, 1));
    }
    await teacher.close();
  }
}

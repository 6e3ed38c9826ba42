import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { Command } from "commander";
import { readExperiment } from "../experiments/file";
import { planRuns } from "../experiments/plan";
import { type RunRecord, readAllRecords } from "../experiments/record";
import { replaceBlocks } from "./blocks";
import { reportPage } from "./page";
import { plot } from "./plot";
import { collectResults, honestClients, perSeed, type RunResults, sampleOf } from "./results";

type Folders = { readonly results: string; readonly experiments: string; readonly out: string };

export const reportCommand = (): Command =>
  new Command("report")
    .description(
      "Render results/*.jsonl into a page; what people wrote outside of its generated blocks stays.",
    )
    .option("--results <dir>", "records of `simulate`", "results")
    .option("--experiments <dir>", "their files", "experiments")
    .option("--out <file>", "page; its plots go to images/results beside it", "docs/results.md")
    .action(async (folders: Folders) => {
      for (const path of await report(folders)) process.stdout.write(`wrote ${path}\n`);
    });

/** Writes the page and its plots; gives their paths. The same records give the same bytes. */
export async function report({ results, experiments, out }: Folders): Promise<readonly string[]> {
  const names = (existsSync(results) ? await readdir(results) : [])
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => file.slice(0, -".jsonl".length))
    .sort();
  if (names.length === 0)
    throw new TandemError(
      "not-found",
      `${results} holds no records: run npm run simulate -- experiments/NAME.json first.`,
    );
  const pictures = join(dirname(out), "images/results");
  await mkdir(pictures, { recursive: true });
  const written: string[] = [];
  const everything = await readAllRecords(results);
  const blocks = new Map<string, string>();
  for (const name of names) {
    const path = join(experiments, `${name}.json`);
    const file = await readExperiment(path);
    const records = everything.filter(({ experiment }) => experiment === name);
    const { results: all, stale } = collectResults(planRuns(path, file), records, everything);
    const run = all.filter(({ bySeed }) => bySeed.size > 0);
    if (run.length === 0) {
      blocks.set(name, `None of the ${records.length} results is of the runs in ${name}.json.`);
      continue;
    }
    const images = [];
    for (const { measure, suffix, axis } of plots) {
      const lines = linesOf(run, measure, file.baseline);
      if (lines.length === 0) continue;
      const alt = `${name}: ${axis} by round`;
      const image = `${name}-${suffix}.svg`;
      await writeFile(join(pictures, image), plot({ title: alt, axis, lines }));
      written.push(join(pictures, image));
      images.push({ path: `images/results/${image}`, alt });
    }
    blocks.set(name, reportPage({ file, results: run, stale, images }));
  }
  const page = existsSync(out) ? await readFile(out, "utf8") : "# Results\n";
  await writeFile(out, replaceBlocks(page, blocks));
  return [...written, out];
}

type Measure = (
  record: RunRecord,
  round: RunRecord["rounds"][number] | undefined,
) => number | undefined;

const plots: readonly {
  readonly suffix: string;
  readonly axis: string;
  readonly measure: Measure;
}[] = [
  {
    suffix: "accuracy",
    axis: "mean accuracy of the clients, %",
    measure: (record, round) => honestClients(record, round)?.all.mean,
  },
  {
    suffix: "teacher",
    axis: "the teacher's prompt accuracy, %",
    measure: (_, round) => round?.metrics["teacher/promptAccuracy"],
  },
];

/** Of the runs in which something was measured. */
const linesOf = (runs: readonly RunResults[], measure: Measure, baseline: string) =>
  runs
    .map((own) => ({
      name: own.run.name,
      isBaseline: own.run.name === baseline,
      points: Array.from({ length: own.run.config.rounds }, (_, i) =>
        sampleOf(
          perSeed(own, (record) =>
            measure(
              record,
              record.rounds.find(({ round }) => round === i + 1),
            ),
          ),
        ),
      ),
    }))
    .filter(({ points }) => points.some((point) => point !== undefined));

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { sampleOf } from "@tandem/evaluation/statistics";
import { readExperiment } from "@tandem/simulation/experiment-file/file";
import { planRuns } from "@tandem/simulation/experiment-file/plan";
import { Command } from "commander";
import { type RunRecord, readAllRecords } from "../experiments/record";
import { blocksOf, emptyPage, replaceBlocks } from "./blocks";
import { reportPage } from "./page";
import { plot } from "./plot";
import { collectResults, honestClients, perSeed, type RunResults } from "./results";

type Folders = { readonly results: string; readonly experiments: string; readonly out: string };

export const reportCommand = (): Command =>
  new Command("report")
    .description(
      "Render results/NAME.jsonl into a page an experiment, NAME.md; what people wrote outside of its generated block stays.",
    )
    .option("--results <dir>", "records of `simulate`", "results")
    .option("--experiments <dir>", "folder of the experiments' files", "experiments")
    .option("--out <dir>", "folder for the pages; plots go to its images/", "docs/results")
    .action(async (folders: Folders) => {
      const { written, left } = await report(folders);
      for (const path of written) process.stdout.write(`wrote ${path}\n`);
      for (const path of left)
        process.stderr.write(`left ${path}: its experiment has no records in ${folders.results}\n`);
    });

/**
 * Writes each experiment's page and plots. The same records give the same bytes. Left are pages of
 * experiments without records: nothing is deleted.
 */
export async function report({ results, experiments, out }: Folders): Promise<{
  readonly written: readonly string[];
  readonly left: readonly string[];
}> {
  const names = (existsSync(results) ? await readdir(results) : [])
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => file.slice(0, -".jsonl".length))
    .sort();
  if (names.length === 0)
    throw new TandemError(
      "not-found",
      `${results} holds no records: run npm run simulate -- experiments/NAME.json first.`,
    );
  await mkdir(join(out, "images"), { recursive: true });
  const everything = await readAllRecords(results);
  const written: string[] = [];
  for (const name of names)
    written.push(...(await writePage(name, join(experiments, `${name}.json`), out, everything)));
  return { written, left: await pagesWithout(names, out) };
}

/** Gives the paths of the plots, then that of the page. */
async function writePage(
  name: string,
  path: string,
  out: string,
  everything: readonly RunRecord[],
): Promise<readonly string[]> {
  const file = await readExperiment(path);
  const records = everything.filter(({ experiment }) => experiment === name);
  const { results, stale } = collectResults(planRuns(path, file), records, everything);
  const run = results.filter(({ bySeed }) => bySeed.size > 0);
  const images = [];
  for (const { measure, suffix, axis } of plots) {
    const lines = linesOf(run, measure, file.baseline);
    if (lines.length === 0) continue;
    const alt = `${name}: ${axis} by round`;
    const image = `images/${name}-${suffix}.svg`;
    await writeFile(join(out, image), plot({ title: alt, axis, lines }));
    images.push({ path: image, alt });
  }
  const block =
    run.length > 0
      ? reportPage({ file, results: run, stale, images })
      : `None of the ${records.length} results is of the runs in ${name}.json.`;
  const page = join(out, `${name}.md`);
  const text = existsSync(page) ? await readFile(page, "utf8") : emptyPage(name);
  await writeFile(page, replaceBlocks(text, new Map([[name, block]])));
  return [...images.map((image) => join(out, image.path)), page];
}

/** Pages with the block of an experiment that is none of `names`. */
async function pagesWithout(names: readonly string[], out: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const file of (await readdir(out)).filter((file) => file.endsWith(".md")).sort()) {
    const blocks = blocksOf(await readFile(join(out, file), "utf8"));
    if (blocks.some((name) => !names.includes(name))) left.push(join(out, file));
  }
  return left;
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

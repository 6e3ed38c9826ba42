import { plural } from "@tandem/core/format";
import { hundredfold } from "@tandem/evaluation/sample-text";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { ExperimentFile } from "@tandem/simulation/experiment-file/file";
import { changeableFields, describeRetired } from "@tandem/simulation/experiment-file/plan";
import * as z from "zod/mini";
import type { RunRecord } from "../experiments/record";
import type { RunResults } from "./results";
import { clientTable, spreadTable, targetOf, trafficTable } from "./run-tables";
import { accuracyByPart, retrievalTable, sharesOfTeacher, teacherTable } from "./score-tables";

export type Report = {
  readonly file: ExperimentFile;
  /** Those that have been run. */
  readonly results: readonly RunResults[];
  readonly stale: number;
  /** Of the plots, from the page's folder, with what they show. */
  readonly images: readonly { readonly path: string; readonly alt: string }[];
};

/** Markdown of one experiment: what was run, tables, plots, and how to get the same. */
export function reportPage({ file, results, stale, images }: Report): string {
  const missing = file.runs
    .map(({ name }) => name)
    .filter((name) => !results.some(({ run }) => run.name === name));
  const baseline = results.find(({ run }) => run.name === file.baseline);
  const retired = describeRetired(results.map(({ run }) => run));
  return [
    `${file.description}\n`,
    `${commandOf(file)}\n`,
    `${settingOf(results)}\n`,
    ...images.map(({ path, alt }) => `![${alt}](${path})\n`),
    "**Clients: accuracy on the global balanced test after the last round, %**\n",
    clientTable(file, results, baseline),
    "**Client by client, after the last round**\n",
    spreadTable(file, results, baseline),
    ...accuracyByPart(results),
    ...retrievalTable(results),
    ...teacherTable(results),
    ...sharesOfTeacher(results),
    "**Traffic and time**\n",
    trafficTable(file, results),
    `${legend(file)}\n`,
    ...attacked(results, file.baseline),
    ...(missing.length > 0 ? [`Not run yet: ${missing.join(", ")}.\n`] : []),
    ...(retired ? [`Kept as history, and cannot be run any more: ${retired}.\n`] : []),
    ...(stale > 0
      ? [`Left out: ${plural(stale, "result")} of runs that the file now configures otherwise.\n`]
      : []),
    provenance(results),
  ].join("\n");
}

const commandOf = ({ name }: ExperimentFile) =>
  `\`npm run simulate -- experiments/${name}.json\` runs what of it has no record in \`results/${name}.jsonl\` yet; \`npm run report\` then writes this page.`;

function settingOf(results: readonly RunResults[]): string {
  const all = (of: (config: RunResults["run"]["config"]) => string | number) =>
    [...new Set(results.map(({ run }) => of(run.config)))].join(" / ");
  const changed = changeableFields.filter((field) =>
    results.some(({ run }) => run.config[field] !== undefined),
  );
  const usual = experimentConfig.parse({ name: "usual" });
  const missing = changed.map(
    (field) =>
      ` ${z.globalRegistry.get(experimentConfig.shape[field])?.title ?? field}: ${all((c) => c[field] ?? usual[field])}.`,
  );
  return `Data set: ${all((c) => c.dataset)}. Clients: ${all((c) => c.clients)}, in as many of ${all((c) => c.slots)} places. Label skew α: ${all((c) => c.alpha)}. Rounds: ${all((c) => c.rounds)}.${missing.join("")}`;
}

const legend = (file: ExperimentFile) =>
  `n: seeds. ±: sample standard deviation over seeds. In brackets: 95 % interval of the mean over seeds by Student's t; seeds are few, so it is wide. "Against ${file.baseline}": differences in points paired by seed, "by client" paired by seed and place, with a 95 % percentile bootstrap (10,000 resamples), which takes clients of one seed as independent and so is the narrower one. Target: ${targetOf(file)}'s last accuracy in the same seed${gainOf(file)}; bytes of all clients until a round reaches it${file.targetRun ? `, in % of what ${file.targetRun} sends in all rounds` : ""}, and in how many seeds one does. The teacher's scores are by judges that no party trains, before the first round → after the last; recall: share of real pictures inside the manifold of as many painted ones. Traffic leaves out the data that a virtual client fetches when it joins. Times are of one process beside others: rough.`;

const gainOf = ({ targetGain }: ExperimentFile) =>
  targetGain === 0
    ? ""
    : ` ${targetGain < 0 ? "minus" : "plus"} ${Math.abs(100 * targetGain).toFixed(1)} points`;

/** What the tables leave out where clients lie. */
function attacked(results: readonly RunResults[], baseline: string): readonly string[] {
  const told = results.flatMap(({ run: { name, config } }) =>
    config.attack ? [`${name} (${config.attack.kind}, ${hundredfold(config.attack.share)} %)`] : [],
  );
  if (told.length === 0) return [];
  return [
    `Attacked, with the share of the clients that lie: ${told.join(", ")}. There, accuracies in tables and plots are of the honest clients alone, and differences to ${baseline}, target included, of clients that are honest in both. Traffic is of all.\n`,
  ];
}

/** How to get the same; one line for each command, in the order in which they were first run. */
function provenance(results: readonly RunResults[]): string {
  const records = results
    .flatMap(({ bySeed }) => [...bySeed.values()])
    .sort((a, b) => (a.machine.at < b.machine.at ? -1 : 1));
  const unique = (of: (record: RunRecord) => string) => [...new Set(records.map(of))];
  const commits = unique(({ commit }) =>
    commit ? `${commit.hash}${commit.dirty ? " with changes" : ""}` : "no checkout",
  );
  const days = unique(({ machine }) => machine.at.slice(0, 10));
  const machines = unique(
    ({ machine: { processor, cores, node }, threads }) =>
      `${processor}, ${plural(cores, "core")}, Node ${node}, ${plural(threads, "thread")} a job`,
  );
  return [
    "```sh",
    ...unique(({ command }) => command),
    "```\n",
    `Commit ${commits.join(", ")}; ${[days[0], ...days.slice(1).slice(-1)].join(" to ")}; ${machines.join("; ")}.`,
  ].join("\n");
}

import { experimentConfig } from "@tandem/protocol/experiment";
import * as z from "zod/mini";
import { formatBytes, formatDuration, plural } from "../../web/lib/format";
import type { ExperimentFile } from "./experiment-file";
import { changeableFields } from "./experiment-plan";
import type { RunRecord } from "./experiment-record";
import {
  hundredfold,
  hundredth,
  mean,
  none,
  oneDecimal,
  share,
  signed,
  spread,
  table,
} from "./report-format";
import {
  accuracy,
  accuracyOf,
  bytesToTarget,
  clientDifferences,
  differenceTo,
  firstOf,
  lastOf,
  lateAccuracy,
  perSeed,
  type RunResults,
  sampleOf,
  sentDown,
  sentUp,
  spreadOfClients,
  timePerRound,
  tolerance,
  traffic,
  worstTenth,
} from "./report-results";

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
  return [
    `${file.description}\n`,
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
    ...(stale > 0
      ? [`Left out: ${plural(stale, "result")} of runs that the file now configures otherwise.\n`]
      : []),
    provenance(results),
  ].join("\n");
}

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

function clientTable(
  { baseline: name }: ExperimentFile,
  results: readonly RunResults[],
  baseline: RunResults | undefined,
): string {
  const of = (own: RunResults, measure: (record: RunRecord) => number | undefined) =>
    share(sampleOf(perSeed(own, measure)));
  return table(
    ["Run", "n", "All", "Image", "Text", "Image and text", "Last 5 rounds", `Against ${name}`],
    results.map((own) => [
      own.run.name,
      String(own.bySeed.size),
      of(own, accuracy),
      ...(["image", "text", "image-text"] as const).map((modality) =>
        of(own, accuracyOf(modality)),
      ),
      of(own, lateAccuracy),
      baseline && own !== baseline ? share(differenceTo(baseline, own), signed) : none,
    ]),
  );
}

function spreadTable(
  { baseline: name }: ExperimentFile,
  results: readonly RunResults[],
  baseline: RunResults | undefined,
): string {
  const points = 100 * tolerance;
  return table(
    [
      "Run",
      "Std over clients, %",
      "Worst tenth, %",
      `Against ${name} by client, points`,
      `Over ${points} points below it`,
    ],
    results.map((own) => {
      const pairs = baseline && own !== baseline && clientDifferences(baseline, own);
      return [
        own.run.name,
        share(sampleOf(perSeed(own, spreadOfClients))),
        share(sampleOf(perSeed(own, worstTenth))),
        pairs
          ? `${signed(pairs.interval.difference)} (${signed(pairs.interval.low)} to ${signed(pairs.interval.high)})`
          : none,
        pairs ? `${pairs.worse} of ${pairs.pairs}` : none,
      ];
    }),
  );
}

/** What metrics of a run's last round have after the prefix. */
const namesAfter = (prefix: string, { bySeed }: RunResults): readonly string[] =>
  [...bySeed.values()].flatMap(({ rounds }) =>
    Object.keys(rounds.at(-1)?.metrics ?? {}).flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    ),
  );

/** Of the runs that tell something by part, such as styles. */
function partTable(
  results: readonly RunResults[],
  {
    title,
    prefix,
    cell,
  }: {
    readonly title: string;
    readonly prefix: string;
    readonly cell: (own: RunResults, part: string) => string;
  },
): readonly string[] {
  const told = results.filter((own) => namesAfter(prefix, own).length > 0);
  const parts = [...new Set(told.flatMap((own) => namesAfter(prefix, own)))].sort();
  if (parts.length === 0) return [];
  return [
    `**${title}**\n`,
    table(
      ["Run", ...parts],
      told.map((own) => [own.run.name, ...parts.map((part) => cell(own, part))]),
    ),
  ];
}

/** Of the runs whose test set has parts. */
const accuracyByPart = (results: readonly RunResults[]) =>
  partTable(results, {
    title: "Clients: accuracy by part of the test set, %",
    prefix: "accuracy/part/",
    cell: (own, part) =>
      spread(sampleOf(perSeed(own, lastOf(`accuracy/part/${part}`))), hundredfold),
  });

/** Of the runs whose data set has a judge of parts. */
const sharesOfTeacher = (results: readonly RunResults[]) =>
  partTable(results, {
    title: "Teacher: share of its pictures that a judge takes for each part, % (of the real ones)",
    prefix: "teacher/part/",
    cell: (own, part) => {
      const real = spread(sampleOf(perSeed(own, lastOf(`teacher/realPart/${part}`))), hundredfold);
      return `${course(own, [`teacher/basePart/${part}`, `teacher/part/${part}`], hundredfold)} (${real})`;
    },
  });

/** From before the first round to after the last. */
function course(
  own: RunResults,
  [before, after]: readonly [string, string],
  format: (value: number) => string,
): string {
  const told = (measure: (record: RunRecord) => number | undefined) =>
    spread(sampleOf(perSeed(own, measure)), format);
  const end = told(lastOf(after));
  return end === none ? none : `${told(firstOf(before))} → ${end}`;
}

/** Of the runs whose pairs learn which caption belongs to which picture. */
function retrievalTable(results: readonly RunResults[]): readonly string[] {
  const told = results.filter((own) => perSeed(own, lastOf("retrieval/rsum")).size > 0);
  if (told.length === 0) return [];
  const ways = [
    ["text-to-image", "Picture of a caption"],
    ["image-to-text", "Caption of a picture"],
  ];
  const ranks = [1, 5, 10];
  return [
    "**Clients with pairs: retrieval in the test set, recall at k, %**\n",
    table(
      ["Run", ...ways.flatMap(([, name]) => ranks.map((k) => `${name}, ${k}`)), "Sum"],
      told.map((own) => {
        const last = (metric: string, format: (value: number) => string) =>
          spread(sampleOf(perSeed(own, lastOf(`retrieval/${metric}`))), format);
        return [
          own.run.name,
          ...ways.flatMap(([way]) => ranks.map((k) => last(`${way}/r${k}`, hundredfold))),
          last("rsum", oneDecimal),
        ];
      }),
    ),
  ];
}

/** Of the runs that teach the teacher, from before the first round to after the last. */
function teacherTable(results: readonly RunResults[]): readonly string[] {
  const taught = results.filter((own) => perSeed(own, lastOf("teacher/promptAccuracy")).size > 0);
  if (taught.length === 0) return [];
  return [
    "**Teacher**\n",
    table(
      [
        "Run",
        "Prompt accuracy, %",
        "By the second judge",
        "Fréchet distance",
        "Recall, %",
        "Diversity",
      ],
      taught.map((own) => {
        const score = (name: string, format: (value: number) => string) => {
          const base = `teacher/base${name[0].toUpperCase()}${name.slice(1)}`;
          return course(own, [base, `teacher/${name}`], format);
        };
        return [
          own.run.name,
          score("promptAccuracy", hundredfold),
          score("secondPromptAccuracy", hundredfold),
          score("frechet", oneDecimal),
          score("recall", hundredfold),
          score("diversity", hundredth),
        ];
      }),
    ),
  ];
}

function trafficTable(file: ExperimentFile, results: readonly RunResults[]): string {
  const target = results.find(({ run }) => run.name === targetOf(file));
  return table(
    [
      "Run",
      "Up a client and round",
      "Down",
      "To the target, up",
      "Down",
      "Reached",
      "Round: clients",
      "Round: server",
    ],
    results.map((own) => {
      const sample = (measure: (record: RunRecord) => number | undefined) =>
        sampleOf(perSeed(own, measure));
      const spent = target && bytesToTarget(target, own, file);
      const toTarget = (way: "up" | "down") => {
        const bytes = sampleOf(
          new Map([...(spent?.reached ?? [])].map(([seed, own]) => [seed, own[way]])),
        );
        const whole =
          file.targetRun && target && sampleOf(perSeed(target, (record) => traffic(record)[way]));
        if (!bytes || !whole) return mean(bytes, formatBytes);
        return `${formatBytes(bytes.mean)}, ${hundredfold(bytes.mean / whole.mean)} %`;
      };
      return [
        own.run.name,
        spread(sample(sentUp), formatBytes),
        spread(sample(sentDown), formatBytes),
        toTarget("up"),
        toTarget("down"),
        spent?.seeds ? `${spent.reached.size} of ${spent.seeds}` : none,
        mean(sample(timePerRound("clients")), formatDuration),
        mean(sample(timePerRound("server")), formatDuration),
      ];
    }),
  );
}

const targetOf = ({ targetRun, baseline }: ExperimentFile) => targetRun ?? baseline;

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

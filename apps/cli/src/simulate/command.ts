import { TandemError } from "@tandem/core/errors";
import { samplings } from "@tandem/core/experiment";
import { listed } from "@tandem/core/format";
import { datasetNames } from "@tandem/datasets/registry";
import { attackKinds } from "@tandem/simulation/attacks";
import { shareFaultNames, shareFaults } from "@tandem/simulation/faults";
import { strategies } from "@tandem/strategies/registry";
import { Command, InvalidArgumentError, Option } from "commander";
import {
  interruptible,
  natural,
  positiveShare,
  seeds,
  server,
  setting,
  share,
  whole,
} from "../options";
import { type DatasetRun, settableFields, simulateOne } from "./dataset";
import { type ExperimentRun, simulateExperiment } from "./experiment";
import { type OwnRun, simulateOwn } from "./own";

/** `kind:share`. */
function attackOf(text: string): NonNullable<DatasetRun["attack"]> {
  const [name, part, ...rest] = text.split(":");
  const kind = attackKinds.find((known) => known === name);
  if (kind && part !== undefined && rest.length === 0) return { kind, share: share(part) };
  throw new InvalidArgumentError(
    `must be kind:share, such as label-flip:0.3, of ${attackKinds.join(", ")}`,
  );
}

/** `KIND:SHARE`, `clock-skew:SECONDS`, `join:K:ROUND` or `leave:K:ROUND`; several come one by one. */
function faultOf(text: string, known: NonNullable<DatasetRun["faults"]> = {}) {
  const [kind, first = "", second, ...rest] = text.split(":");
  const struck = shareFaultNames.find((name) => name === kind);
  if ((struck && known[struck] !== undefined) || (kind === "clock-skew" && known.clockSkew))
    throw new InvalidArgumentError(`${kind} is given twice.`);
  if (rest.length === 0 && second === undefined && struck)
    return { ...known, [struck]: share(first) };
  if (rest.length === 0 && second === undefined && kind === "clock-skew")
    return { ...known, clockSkew: whole(first) };
  if (rest.length === 0 && second !== undefined && (kind === "join" || kind === "leave"))
    return {
      ...known,
      [kind]: [...(known[kind] ?? []), { clients: whole(first), round: whole(second) }],
    };
  throw new InvalidArgumentError(
    `must be KIND:SHARE with ${shareFaultNames.join(", ")}, or clock-skew:SECONDS, join:CLIENTS:ROUND or leave:CLIENTS:ROUND, such as drop:0.2`,
  );
}

export const simulateCommand = (): Command =>
  new Command("simulate")
    .description(
      "Run experiments with virtual clients; the same seed gives the same numbers. Either one strategy on a data set or a task, or all runs of a file.",
    )
    .argument("[what]", `experiments/NAME.json, or a data set: ${listed(datasetNames, "or")}`)
    .option("--out <dir>", "folder for results (default: results, for a file)")
    .option("--force", "repeat runs that are there already; write into a folder that is not empty")
    .optionsGroup("Of a file:")
    .option("--seeds <list>", "seeds instead of the file's, such as 1,2,3", seeds)
    .option("--only <name...>", "only these runs")
    .option("--threads <n>", "threads of each job's teacher (default: 1)", natural)
    .option("--jobs <n>", "jobs at a time (default: processor cores / threads)", natural)
    .optionsGroup("Of a task, in place of <what>:")
    .option("--task <path>", "folder or zip of a task (docs/tasks.md)")
    .option(
      "--own <path...>",
      "one folder for each participant, with a folder for each class in it",
    )
    .addOption(server("which serves the task's model where its address is a path"))
    .optionsGroup("Of a data set or a task:")
    .option("--rounds <n>", "rounds", natural, 5)
    .option("--seed <n>", "seed of partition, weights and sampling", whole, 1)
    .option(
      "--strategy <name>",
      `${strategies.map(({ name }) => name).join(", ")}; of a task without teacher or public pictures fedavg unless given`,
      "fedmmkt",
    )
    .option("--clients <n>", "virtual clients", natural, 6)
    .option(
      "--attack <kind:share>",
      `clients that lie, such as colluding:0.3: ${attackKinds.join(", ")}`,
      attackOf,
    )
    .option(
      "--faults <fault...>",
      `what befalls clients, KIND:SHARE of them in each round but the last (${Object.entries(
        shareFaults,
      )
        .map(([kind, what]) => `${kind} ${what}`)
        .join(
          ", ",
        )}); clock-skew:SECONDS a clock is wrong by at most; join:CLIENTS:ROUND and leave:CLIENTS:ROUND come and go before it`,
      faultOf,
    )
    .option(
      "--adapter <path>",
      "what the teacher has learned before: adapter.zip of another run, or of the dashboard",
    )
    .option("--participation <share>", "share of the clients that a round asks", positiveShare, 1)
    .option(
      "--cohort <n>",
      "clients that a round asks, in place of a share; the others wait on disk, so that memory is that of the data set and of who is at work",
      natural,
    )
    .addOption(
      new Option("--sampling <how>", "how these are chosen").choices(samplings).default("random"),
    )
    .option("--set <key=value...>", "settings of the strategy", setting, {})
    .option(
      "--config <key=value...>",
      `experiment configuration, such as missingClients=0.5: ${settableFields.join(", ")}`,
      setting,
      {},
    )
    .action((what: string | undefined, _: unknown, command: Command) => run(what, command));

const ofFile = ["seeds", "only", "threads", "jobs"];
const ofTask = ["task", "own", "url"];
const ofRun = [
  "rounds",
  "seed",
  "strategy",
  "clients",
  "attack",
  "faults",
  "adapter",
  "participation",
  "cohort",
  "sampling",
  "set",
  "config",
];
const bad = (message: string) => new TandemError("bad-config", message);

async function run(what: string | undefined, command: Command): Promise<void> {
  const isTyped = (name: string) => command.getOptionValueSource(name) === "cli";
  const typedOf = (names: readonly string[]) =>
    names
      .filter(isTyped)
      .map((name) => `--${name}`)
      .join(", ");
  const { out, force = false, task, own, url, ...options } = command.opts();
  if (what === undefined && !isTyped("task"))
    throw bad("Name an experiment's file or a data set, or give a task: --task DIR --own DIR ….");
  const isFile = what?.endsWith(".json") === true;
  const [ofOthers, subject] = isFile ? [ofRun, what] : [ofFile, what ?? task];
  if (typedOf(ofOthers))
    throw bad(
      isFile
        ? `${typedOf(ofOthers)} cannot change an experiment's file: write it into ${subject}.`
        : `${typedOf(ofOthers)} belong to an experiment's file: give one in place of ${subject}.`,
    );
  if (what !== undefined && typedOf(ofTask))
    throw bad(`${typedOf(ofTask)} in place of ${what}: leave one of them out.`);
  if (isFile)
    return interruptible((signal) =>
      simulateExperiment(what, {
        ...(options as Pick<ExperimentRun, "seeds" | "only" | "jobs">),
        threads: options.threads ?? 1,
        out: out ?? "results",
        force,
        signal,
        command: typed(process.argv.slice(3), process.env),
        say: (line) => process.stdout.write(`${line}\n`),
      }),
    );
  if (out === undefined) throw bad(`--out is missing: name a folder for ${subject}'s results.`);
  if (isTyped("cohort") && typedOf(["participation", "own", "faults"]))
    throw bad(
      `${typedOf(["participation", "own", "faults"])} and --cohort: leave one of them out.`,
    );
  const settings = options as Omit<DatasetRun, "out" | "force" | "signal">;
  if (what !== undefined)
    return interruptible(async (signal) => {
      const subject = { dataset: what, name: `${what}, ${settings.strategy}` };
      await simulateOne(subject, { ...settings, out, force, signal });
    });
  if (own === undefined)
    throw bad("--own is missing: name a folder for each participant, with folders of classes.");
  if (isTyped("clients"))
    throw bad("--clients: with --own there are as many as there are folders: leave it out.");
  const { strategy, clients: _, ...others } = settings;
  return interruptible((signal) =>
    simulateOwn({
      ...(others satisfies Partial<OwnRun>),
      ...(isTyped("strategy") && { strategy }),
      task,
      own,
      url,
      out,
      force,
      signal,
    }),
  );
}

/** What to type to get the same, with the model behind an images API if one painted (no key). */
function typed(args: readonly string[], environment: NodeJS.ProcessEnv): string {
  const quoted = (text: string) => (/^[\w./,=:@+-]+$/.test(text) ? text : `'${text}'`);
  const teacher = ["URL", "MODEL", "SIZE"].flatMap((part) => {
    const value = environment[`TANDEM_TEACHER_${part}`];
    return value ? [`TANDEM_TEACHER_${part}=${quoted(value)}`] : [];
  });
  return [...teacher, "npm run simulate --", ...args.map(quoted)].join(" ");
}

import { basename, resolve } from "node:path";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import { leastHeldOut, type Task } from "@tandem/core/task";
import type { Intake, LeftOut } from "@tandem/intake/intake";
import { findingsOf, toOwnSet } from "@tandem/intake/own-data";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import { type ReadOptions, readSources } from "@tandem/intake/read-sources";
import { onePictureFeatures } from "@tandem/models/backbone/features";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { SimulationResult } from "@tandem/simulation/simulate";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { strategyNamed } from "@tandem/strategies/registry";
import { checkTeacher } from "@tandem/teacher/task-teacher";
import { linesOfModels, openModels } from "../brought-models";
import { filesOf, readTaskAt, type TaskAt } from "../task/folder";
import { linesOf, reasonOf } from "../task/left-out";
import { checkRun, type DatasetRun, percent, simulateOne } from "./dataset";

export type OwnRun = Omit<DatasetRun, "strategy" | "clients"> & {
  /** Absent: as the task allows. */
  readonly strategy?: string;
  /** Path of the task's folder, or its zip. */
  readonly task: string;
  /** A folder, or a zip, for each participant. */
  readonly own: readonly string[];
  /** Of the server, for a model on it. */
  readonly url: string;
};

type Participant = {
  readonly name: string;
  readonly path: string;
  readonly data: OwnData;
  readonly leftOut: readonly LeftOut[];
};

const say = (text: string) => void process.stdout.write(`${text}\n`);
/** Places that an experiment can have. */
const mostParticipants = 64;

/**
 * A study on data that no server sees: each folder is a participant, whose held-out samples are measured.
 * Throws before anything runs where a folder is missing, has too few samples or unknown classes.
 */
export async function simulateOwn({ task: path, own, url, ...options }: OwnRun): Promise<void> {
  const paths = own.map((one) => resolve(one));
  const twice = own.find((_, i) => paths.indexOf(paths[i]) !== i);
  if (twice !== undefined)
    throw new TandemError("bad-config", `--own: ${twice} is given twice: a folder is one's own.`);
  if (own.length > mostParticipants)
    throw new TandemError(
      "bad-config",
      `--own: ${own.length} participants, and ${mostParticipants} are the most.`,
    );
  const given = await readTaskAt(path);
  if (given.made !== undefined) say(given.made);
  for (const line of linesOf(given.leftOut.map(reasonOf))) say(line);
  const strategy = options.strategy ?? usualStrategy(given);
  if (strategyNamed(strategy).needs.teacher) await checkTeacher(given.task, process.env);
  const run: DatasetRun = { ...options, strategy, clients: own.length };
  checkRun(run);
  const models = await openModels(given.task, { base: url, signal: options.signal });
  for (const line of linesOfModels(models)) say(line);
  const { backbone } = models;
  const features = backbone && onePictureFeatures(backbone);
  const reading = { decoder: nodeDecoder, signal: options.signal, ...(features && { features }) };
  const participants = await readAll(own, given.task, reading);
  const definition = new TextEncoder().encode(JSON.stringify(given.task));
  const id = `task-${(await sha256Hex(definition)).slice(0, 16)}`;
  const result = await simulateOne(
    {
      dataset: id,
      name: given.task.name,
      study: { id, ...given, own: participants.map(({ data }) => data), ...models },
      about: (ended) => aboutOf(path, given.task, participants, ended),
    },
    run,
  );
  say(lastLine(accuracyOf(participants, result)));
}

type Reading = Omit<ReadOptions, "task">;

/** FedMMKT where somebody paints from public pictures, else FedAvg. */
function usualStrategy({ task, sets }: TaskAt): string {
  const isTaught = task.teacher.kind !== "none" && sets.public?.images !== undefined;
  const why = isTaught
    ? "the task has a teacher and public pictures"
    : `the task has no ${task.teacher.kind === "none" ? "teacher" : "public pictures"}`;
  const strategy = isTaught ? "fedmmkt" : "fedavg";
  say(`strategy ${strategy}: ${why} (--strategy takes another)`);
  return strategy;
}

/** All of them, or everything that is wrong with any. */
async function readAll(
  paths: readonly string[],
  task: Task,
  reading: Reading,
): Promise<readonly Participant[]> {
  const [participants, faults]: [Participant[], string[]] = [[], []];
  const names = paths.map((path) => basename(resolve(path)));
  for (const [i, path] of paths.entries()) {
    const isOnly = names.filter((name) => name === names[i]).length === 1;
    try {
      const one = await readOne(isOnly ? names[i] : path, path, task, reading);
      participants.push(one);
      describe(one, task);
    } catch (error) {
      if (codeOf(error) === undefined || codeOf(error) === "cancelled") throw error;
      faults.push(`--own ${path}: ${messageOf(error)}`);
    }
  }
  if (faults.length > 0) throw new TandemError("bad-data", faults.join("\n"));
  return participants;
}

async function readOne(
  name: string,
  path: string,
  task: Task,
  reading: Reading,
): Promise<Participant> {
  const files = await filesOf(path);
  const intake = await readSources(files, { task, ...reading });
  requireClasses(intake, task);
  const store = openOwnData(createMemoryClientStore(), path);
  const set = toOwnSet(intake, task);
  const data = await store.keep(set, { backbone: set.features && task.backbone });
  for (const { sentence } of findingsOf(intake, task)) say(`${name}: ${sentence}`);
  return { name, path, data, leftOut: intake.leftOut };
}

/** Nobody is there to say what a folder means. */
function requireClasses({ folders }: Intake, { classes }: Task): void {
  const known = classes.map(({ name }) => name).join(", ");
  const odd = folders.filter(({ label }) => label === undefined);
  if (odd.length === 0) return;
  const said = odd.slice(0, 5).map(({ name, count, guess }) => {
    const like = guess === undefined ? "" : `, perhaps ${classes[guess].name}`;
    return `${name === "" ? "outside of the folders" : `"${name}"`} (${plural(count, "sample")}${like})`;
  });
  const more = odd.length > 5 ? ` and ${odd.length - 5} more` : "";
  throw new TandemError(
    "bad-data",
    `none of the classes (${known}): ${said.join(", ")}${more}. Name folders as the classes are, or take them out.`,
  );
}

function describe({ name, data, leftOut }: Participant, { classes }: Task): void {
  const { train, heldOut } = data;
  const labels = [...train.labels, ...heldOut.labels];
  const counts = classes.map(
    (one, label) => `${one.name} ${labels.filter((own) => own === label).length}`,
  );
  say(
    `${name}: ${plural(labels.length, "sample")} (${counts.join(", ")}), ${heldOut.size} of them held out`,
  );
  for (const line of linesOf(leftOut.map(reasonOf))) say(`  ${line}`);
}

/** 0-1; null where there is none: too few samples to tell, or a client that lies. */
function accuracyOf(participants: readonly Participant[], { view }: SimulationResult) {
  const mean = view.rounds.at(-1)?.metrics["accuracy/mean"] ?? null;
  return {
    measuredOn: view.measuredOn,
    mean,
    participants: participants.map(({ name, data }, place) => ({
      name,
      accuracy: view.clients.find(({ slot }) => slot === place)?.accuracy ?? null,
      heldOut: data.heldOut.size,
    })),
  };
}
type Accuracy = ReturnType<typeof accuracyOf>;

const aboutOf = (
  path: string,
  task: Task,
  participants: readonly Participant[],
  result: SimulationResult,
) => ({
  task: { path, ...task },
  accuracy: accuracyOf(participants, result),
  own: participants.map(({ name, path, data, leftOut }) => ({
    name,
    path,
    train: data.train.size,
    heldOut: data.heldOut.size,
    leftOut: leftOut.map(reasonOf),
  })),
});

function lastLine({ measuredOn, mean, participants }: Accuracy): string {
  const where = measuredOn === "public" ? "the task's test set" : "samples held out";
  const each = participants.map(({ name, accuracy, heldOut }) => {
    const isFew = measuredOn === "held-out" && heldOut < leastHeldOut;
    return `${name} ${percent(accuracy ?? undefined)}${isFew ? ` (${heldOut} held out, too few)` : ""}`;
  });
  return `accuracy on ${where}: mean ${percent(mean ?? undefined)} · ${each.join(" · ")}`;
}

import { readFile, writeFile } from "node:fs/promises";
import { type ClientModality, clientModalities } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import { formatBytes, plural } from "@tandem/core/format";
import { pictureSizes, type TaskTeacher } from "@tandem/core/task";
import { type SetFolder, setFolders } from "@tandem/intake/task/read-task";
import { taskZip } from "@tandem/intake/task/write-task";
import type { TaskUploadView, TaskView } from "@tandem/protocol/view";
import { Command, InvalidArgumentError } from "commander";
import { linesOfModels, openModels } from "../brought-models";
import { createApi } from "../harness/rest-client";
import { namesOf, server, token } from "../options";
import { type Defaults, readTaskAt, type TaskAt } from "./folder";
import { linesOf, reasonOf } from "./left-out";

type Server = { readonly url: string; readonly token?: string | undefined };

const say = (text: string) => void process.stdout.write(`${text}\n`);

export const taskCommand = (): Command =>
  new Command("task")
    .description("manage tasks, for which participants bring their own samples (docs/tasks.md)")
    .addCommand(
      withDefaults(new Command("create"))
        .description("create a task on a running server, or write it as a zip")
        .argument("<path>", "folder or zip of the task")
        .addOption(server())
        .addOption(token())
        .option("--zip <file>", "write the zip to this file, and ask no server")
        .option("--force", "overwrite the file")
        .action(create),
    )
    .addCommand(
      withDefaults(new Command("check"))
        .description(
          "read definition and pictures as create would, and the model that it names; send nothing",
        )
        .argument("<path>", "folder or zip of the task")
        .addOption(server("which serves the task's model where its address is a path"))
        .action(async (path: string, { url, ...defaults }: Defaults & Server) => {
          const read = await readTaskAt(path, defaults);
          describe(read);
          for (const line of linesOfModels(await openModels(read.task, { base: url }))) say(line);
          say(`✓ ${path} can be brought to a server`);
        }),
    )
    .addCommand(
      new Command("list")
        .description("list the tasks of a server")
        .addOption(server())
        .addOption(token())
        .action(async ({ url, token: own }: Server) => {
          const tasks = (await createApi(url, own).tasks()).filter(isOwn);
          for (const task of tasks) say(lineOf(task));
          if (tasks.length === 0)
            say(`There is no task at ${url}: npm run task -- create DIR brings one.`);
        }),
    )
    .addCommand(
      new Command("export")
        .description("write a task with its sets as a zip")
        .argument("<id>", "the task's id, from `list`")
        .addOption(server())
        .addOption(token())
        .requiredOption("--out <file>", "zip file")
        .option("--force", "overwrite the file")
        .action(
          async (
            id: string,
            { url, token: own, out, force }: Server & { out: string; force?: true },
          ) => write(out, await createApi(url, own).exportTask(id), force),
        ),
    )
    .addCommand(
      new Command("import")
        .description("import an exported task as a new one")
        .argument("<file>", "zip file")
        .addOption(server())
        .addOption(token())
        .action(async (file: string, { url, token: own }: Server) => {
          const zip = await readFile(file).catch((cause: unknown) => {
            throw new TandemError("not-found", `${file}: ${messageOf(cause)}`, { cause });
          });
          await bring({ url, token: own }, new Uint8Array(zip));
        }),
    )
    .addCommand(
      new Command("remove")
        .description("remove a task and its sets; no experiment may use it")
        .argument("<id>", "the task's id, from `list`")
        .addOption(server())
        .addOption(token())
        .action(async (id: string, { url, token: own }: Server) => {
          await createApi(url, own).removeTask(id);
          say(`✓ ${id} is removed`);
        }),
    );

const withDefaults = (command: Command): Command =>
  command
    .optionsGroup("Where the folder has no task.json:")
    .option("--name <name>", "of the task (default: the folder's)")
    .option(
      "--size <n>",
      `height and width of pictures: ${pictureSizes.join(", ")} (default: 32)`,
      sizeOf,
    )
    .option(
      "--modalities <list>",
      `what participants may bring, of ${clientModalities.join(",")} (default: image, and all where there are texts)`,
      modalitiesFrom,
    )
    .option(
      "--teacher <which>",
      "a base of public/teacher, a whole path to a diffusers folder on the server, remote or none (default: none)",
      teacherFrom,
    )
    .option("--licence <terms>", "of the pictures, which makes them the public set")
    .optionsGroup("Options:");

function sizeOf(text: string): number {
  const size = pictureSizes.find((one) => String(one) === text);
  if (size !== undefined) return size;
  throw new InvalidArgumentError(`give one of ${pictureSizes.join(", ")}.`);
}

function modalitiesFrom(text: string): readonly ClientModality[] {
  return namesOf(text).map((name) => {
    const known = clientModalities.find((one) => one === name);
    if (known) return known;
    throw new InvalidArgumentError(`give some of ${clientModalities.join(", ")}, with commas.`);
  });
}

function teacherFrom(text: string): TaskTeacher {
  if (text === "none" || text === "remote") return { kind: text };
  if (text.startsWith("/")) return { kind: "folder", path: text };
  if (/^[\w-]{1,64}$/.test(text)) return { kind: "shipped", checkpoint: text };
  throw new InvalidArgumentError("give a folder of public/teacher, a path from /, remote or none.");
}

type CreateOptions = Defaults & Server & { readonly zip?: string; readonly force?: boolean };

async function create(path: string, options: CreateOptions): Promise<void> {
  const { url, token: own, zip, force, ...defaults } = options;
  const read = await readTaskAt(path, defaults);
  describe(read);
  const bytes = taskZip(read.task, read.sets);
  if (zip !== undefined) return write(zip, bytes, force);
  await bring({ url, token: own }, new Uint8Array(bytes));
}

async function bring({ url, token: own }: Server, zip: Uint8Array<ArrayBuffer>): Promise<void> {
  const { task, leftOut, leftOutCount }: TaskUploadView = await createApi(url, own).importTask(zip);
  for (const line of linesOf(leftOut, leftOutCount)) say(line);
  say(`✓ ${task.id}`);
  say(`${url}/tasks/${task.id}`);
}

async function write(file: string, bytes: Uint8Array, force = false): Promise<void> {
  await writeFile(file, bytes, { flag: force ? "w" : "wx" }).catch((cause) => {
    const isThere = cause.code === "EEXIST";
    const message = isThere
      ? `${file} is there already: choose another file, or use --force`
      : `${file}: ${messageOf(cause)}`;
    throw new TandemError(isThere ? "conflict" : "unavailable", message, { cause });
  });
  say(`✓ ${file}, ${formatBytes(bytes.length)}`);
}

const isOwn = (task: TaskView): task is Extract<TaskView, { data: "own" }> => task.data === "own";

function lineOf({ id, name, task, publicSet, test, experiments }: TaskView & { data: "own" }) {
  const set = (folder: SetFolder, own: typeof test) =>
    own ? [`${folder} ${plural(own.samples, "sample")}`] : [];
  return [
    id,
    name,
    plural(task.classes.length, "class", "classes"),
    ...set("public", publicSet),
    ...set("test", test),
    plural(experiments.length, "experiment"),
  ].join(" · ");
}

/** What was read, and what was not. */
function describe({ task, sets, leftOut, made }: TaskAt): void {
  if (made !== undefined) say(made);
  say(`“${task.name}”: ${task.classes.map(({ name }) => name).join(", ")}`);
  for (const folder of setFolders) {
    const set = sets[folder];
    if (!set) continue;
    const counts = task.classes.map(({ name }, label) => {
      const count = set.labels.filter((one) => one === label).length;
      return `${name} ${count}`;
    });
    say(`${folder}: ${plural(set.size, "sample")} (${counts.join(", ")})`);
  }
  for (const line of linesOf(leftOut.map(reasonOf))) say(line);
}

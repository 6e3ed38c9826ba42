import { TandemError } from "@tandem/core/errors";
import type { BlobStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import type { Task, TaskRecord } from "@tandem/core/task";
import { datasetTexts } from "@tandem/datasets/registry";
import { putSet } from "@tandem/datasets/task/put-set";
import { slicedFile } from "@tandem/intake/files/source-file";
import type { LeftOut } from "@tandem/intake/intake";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import {
  filesOfSet,
  openTaskZip,
  readSet,
  readTask,
  type SetFolder,
} from "@tandem/intake/task/read-task";
import { sheetOf } from "@tandem/intake/task/set-sheet";
import { taskZip } from "@tandem/intake/task/write-task";
import { isTaskId, parseTask, requireLicence } from "@tandem/protocol/task";
import type { TaskUploadView, TaskView } from "@tandem/protocol/view";
import { checkTeacher } from "@tandem/teacher/task-teacher";
import type { Bases } from "./bases";
import { taskRecords } from "./task-records";
import { countedSets, keyOf, type NewSets, requireSameShape, setOf, storedSets } from "./task-sets";

/** Files left out that a reply names; the others are counted. */
const mostNamed = 200;

/** What an experiment can be on: the shipped data sets, and tasks, which people define. */
export function createTasks(options: {
  readonly tasks: TaskStore;
  readonly experiments: Pick<ExperimentStore, "list">;
  readonly blobs: BlobStore;
  readonly bases: Bases;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** 16 hexadecimal digits. */
  readonly random: () => string;
}) {
  const { tasks, experiments, blobs, bases, environment, now, random } = options;
  let queue: Promise<unknown> = Promise.resolve();

  /** One change at a time, so that a task stays as it is from the look at it to what follows. */
  function exclusively<T>(change: () => Promise<T>): Promise<T> {
    const done = queue.then(change);
    queue = done.catch(() => {});
    return done;
  }

  const { usersOf, unused, viewOf } = taskRecords({ tasks, experiments });

  async function add(task: Task, sets: NewSets = noSets): Promise<TaskRecord> {
    await checkTeacher(task, environment);
    const stored = await storedSets(blobs, task, sets);
    const record: TaskRecord = { id: `task-${random()}`, task, ...stored, createdAt: now() };
    await tasks.create(record);
    return record;
  }

  async function replace(changed: TaskRecord): Promise<void> {
    bases.refuseChange(changed);
    await (changed.task.teacher.kind === "trained"
      ? bases.require(changed)
      : checkTeacher(changed.task, environment));
    await tasks.replace(changed);
  }

  return {
    exclusively,
    /** The task; throws `conflict` where an experiment is on it. */
    unused,
    /** Shipped data sets first, then tasks, the latest first. */
    async list(): Promise<readonly TaskView[]> {
      const own = await Promise.all((await tasks.list()).map(viewOf));
      return [...dealt, ...own.sort((a, b) => b.createdAt - a.createdAt)];
    },
    async get(id: string): Promise<TaskView> {
      const found = dealt.find((one) => one.id === id);
      if (found) return { ...found, experiments: await usersOf(id) };
      const record = await tasks.get(id);
      return { ...(await viewOf(record)), ...(await countedSets(blobs, record)) };
    },
    /** Throws `bad-config` for a dataset that is neither a shipped one nor a task. */
    async requireKnown(dataset: string): Promise<void> {
      const ids = [...dealt, ...(await tasks.list())].map(({ id }) => id);
      if (ids.includes(dataset)) return;
      const names = ids.filter((id) => !isTaskId(id)).join(", ");
      throw new TandemError("bad-config", `dataset: use the id of a task, or one of ${names}`);
    },
    create: async (input: unknown): Promise<TaskView> => viewOf(await add(parseTask(input))),
    update: (id: string, input: unknown): Promise<TaskView> =>
      exclusively(async () => {
        const record = await unused(id);
        const task = parseTask(input);
        requireSameShape(record, task);
        requireLicence(task, record.publicSet !== undefined);
        const changed = { ...record, task };
        await replace(changed);
        return viewOf(changed);
      }),
    remove: (id: string): Promise<void> =>
      exclusively(async () => {
        await unused(id);
        await bases.remove(id);
        await tasks.remove(id);
      }),
    /** From a zip, in place of what was there. */
    putSet: (id: string, folder: SetFolder, zip: Uint8Array): Promise<TaskUploadView> =>
      exclusively(async () => {
        const record = await unused(id);
        const { task } = record;
        if (folder === "public") requireLicence(task, true);
        const files = filesOfSet(await openTaskZip(fileOf(zip)), folder);
        const { set, leftOut } = await readSet(files, folder, { task, decoder: nodeDecoder });
        const changed = { ...record, [keyOf[folder]]: await putSet(blobs, set) };
        bases.refuseChange(changed);
        await tasks.replace(changed);
        return uploaded(await viewOf(changed), leftOut);
      }),
    removeSet: (id: string, folder: SetFolder): Promise<TaskView> =>
      exclusively(async () => {
        const { publicSet, test, ...rest } = await unused(id);
        const kept = folder === "public" ? test && { test } : publicSet && { publicSet };
        const changed: TaskRecord = { ...rest, ...kept };
        bases.refuseChange(changed);
        await tasks.replace(changed);
        return viewOf(changed);
      }),
    /** Another task, which may keep sets of one that is there. */
    importZip: (
      zip: Uint8Array,
      { from, keeps }: { readonly from?: string | undefined; readonly keeps: readonly SetFolder[] },
    ): Promise<TaskUploadView> =>
      exclusively(async () => {
        const { task, sets, leftOut } = await readTask(await openTaskZip(fileOf(zip)), nodeDecoder);
        const isTrained = task.teacher.kind === "trained";
        const record = await add(isTrained ? { ...task, teacher: { kind: "none" } } : task, {
          from: from === undefined ? undefined : await tasks.get(from),
          keeps,
          sets,
        });
        return uploaded(await viewOf(record), isTrained ? [noBase, ...leftOut] : leftOut);
      }),
    /** In place of a task's definition and of its sets, except for those that it keeps. */
    replaceZip: (
      id: string,
      zip: Uint8Array,
      keeps: readonly SetFolder[],
    ): Promise<TaskUploadView> =>
      exclusively(async () => {
        const record = await unused(id);
        const { task, sets, leftOut } = await readTask(await openTaskZip(fileOf(zip)), nodeDecoder);
        const { createdAt } = record;
        const stored = await storedSets(blobs, task, { from: record, keeps, sets });
        const changed: TaskRecord = { id, task, ...stored, createdAt };
        await replace(changed);
        return uploaded(await viewOf(changed), leftOut);
      }),
    async exportZip(id: string): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
      const record = await tasks.get(id);
      const sets = {
        public: await setOf(blobs, record, "public"),
        test: await setOf(blobs, record, "test"),
      };
      return { name: record.task.name, bytes: taskZip(record.task, sets) };
    },
    /** The first public pictures of each class in turn, as a PNG; throws `not-found` without any. */
    async sheet(id: string): Promise<Uint8Array> {
      const record = await tasks.get(id);
      const set = await setOf(blobs, record, "public");
      const sheet = set && sheetOf(set);
      if (sheet) return sheet;
      throw new TandemError("not-found", `“${record.task.name}” has no public pictures`);
    },
  };
}

export type Tasks = ReturnType<typeof createTasks>;

const dealt: readonly TaskView[] = Object.entries(datasetTexts).map(
  ([id, { title, description, base }]) => ({ id, data: "dealt", name: title, description, base }),
);

/** Of a task whose teacher another server has trained. */
const noBase: LeftOut = {
  path: "task.json",
  code: "not-asked",
  sentence:
    "its teacher is a base that another server has trained, and no zip has it: train one here from the public set, and choose it",
};

const noSets: NewSets = { keeps: [], sets: {} };

const fileOf = (zip: Uint8Array) =>
  slicedFile("upload.zip", zip.length, async (from, to) => zip.subarray(from, to));

const uploaded = (task: TaskView, leftOut: readonly LeftOut[]): TaskUploadView => ({
  task,
  leftOut: leftOut.slice(0, mostNamed).map(({ path, line, sentence }) => ({
    path,
    ...(line !== undefined && { line }),
    reason: sentence,
  })),
  leftOutCount: leftOut.length,
});

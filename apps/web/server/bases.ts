import { createHash } from "node:crypto";
import { TandemError } from "@tandem/core/errors";
import { formatDuration } from "@tandem/core/format";
import type { BlobStore, TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { readModelSize } from "@tandem/diffusion/diffusion-model";
import { defaultMinutes, type PreparationRequest } from "@tandem/protocol/preparation";
import type { PreparationView } from "@tandem/protocol/view";
import { shapeOfSize } from "@tandem/teacher/base-of-task";
import { folderOfTeacher, noTeacher, requireShipped } from "@tandem/teacher/task-teacher";
import { type TaskSource, worldOfTask } from "@tandem/teacher/world";
import { type BaseFolder, createBaseFolder, type KeptTraining } from "./base-folder";
import { type BaseJob, type BaseJobOptions, startBaseJob } from "./base-job";

/** Bases that this server trains from tasks' public sets, one at a time, in a folder for each task. */
export function createBases(
  options: Omit<BaseJobOptions, "folder" | "saveSeconds"> & {
    readonly directory: string;
    readonly tasks: Pick<TaskStore, "get">;
    readonly blobs: BlobStore;
    readonly saveSeconds?: number;
  },
) {
  const { directory, tasks, blobs, ...others } = options;
  const { log } = options;
  const folder = createBaseFolder(directory);
  let job: BaseJob | undefined;
  const jobOf = (id: string) => (job?.id === id ? job : undefined);

  async function sourceOf({ task, publicSet }: TaskRecord): Promise<TaskSource> {
    if (!publicSet)
      throw new TandemError(
        "bad-config",
        `“${task.name}” has no public set to train a base from: add one with pictures`,
      );
    const source = { task, publicSet: await blobs.get(publicSet.hash) };
    worldOfTask(source, {}); // throws without a picture
    return source;
  }

  function launch(record: TaskRecord, source: TaskSource, kept: KeptTraining): void {
    const own = startBaseJob(record, source, kept, { saveSeconds: 60, ...others, folder });
    job = own;
    own.done.finally(() => {
      job = undefined;
    });
  }

  async function goOn(id: string): Promise<void> {
    const kept = await folder.read(id, "training");
    if (kept?.status === "done") return folder.publish(id);
    if (kept?.status !== "running" || job) return;
    const record = await tasks.get(id);
    if (versionOf(record) !== kept.version) return;
    launch(record, await sourceOf(record), kept);
    log.info({ task: id, step: kept.step }, "the training of a base goes on");
  }

  const view = async (record: TaskRecord): Promise<PreparationView> => ({
    ...(await viewOf(record, folder, jobOf(record.id))),
    ...(job && job.id !== record.id && { barred: busy(job, record.id).message }),
  });

  return {
    view,
    /** Begins, or goes on with what was stopped. Throws `conflict` while one is trained, `bad-config` for what cannot be. */
    async start(record: TaskRecord, request: PreparationRequest): Promise<PreparationView> {
      if (job) throw busy(job, record.id);
      const { id, task } = record;
      const source = await sourceOf(record);
      if (request.from !== undefined) await requireShape(request.from, task.pictures.size);
      const version = versionOf(record);
      const before = await folder.read(id, "training");
      const stopped = before?.version === version && !request.anew ? before : undefined;
      const from = stopped ? sameFrom(stopped, request) : request.from;
      if (!stopped) await folder.remove(id, "training");
      const kept: KeptTraining = {
        version,
        limit: limitOf(request) ?? stopped?.limit ?? { minutes: defaultMinutes },
        ...(from !== undefined && { from }),
        status: "running",
        step: stopped?.step ?? 0,
        fraction: stopped?.fraction ?? 0,
      };
      await folder.write(id, kept);
      launch(record, source, kept);
      return view(record);
    },
    /** Keeps what there is; without effect on what does not run. */
    async cancel(record: TaskRecord): Promise<PreparationView> {
      await jobOf(record.id)?.end("cancel", "save");
      return view(record);
    },
    /** Throws `not-found` before the first checkpoint. */
    async sheet({ id, task }: TaskRecord): Promise<Uint8Array> {
      const part = (await folder.read(id, "training")) ? "training" : "model";
      if ((await folder.sheetAt(id, part)) !== undefined) return folder.sheet(id, part);
      throw new TandemError("not-found", `no base of “${task.name}” has painted anything yet`);
    },
    /** When the task's base was made; undefined without one. */
    stamp: async (id: string): Promise<number | undefined> =>
      (await folder.read(id, "model"))?.finishedAt,
    /** The folder of the task's base. Throws `bad-config` or `conflict` with what to do first. */
    async require(record: TaskRecord): Promise<string> {
      const { id, task } = record;
      if (jobOf(id))
        throw new TandemError(
          "conflict",
          `teacher: the base of “${task.name}” is being trained: wait until that is done, or cancel it`,
        );
      const model = await folder.read(id, "model");
      if (!model) throw noTeacher({ ...task, teacher: { kind: "trained" } });
      if (model.version !== versionOf(record))
        throw new TandemError("bad-config", `teacher: ${outdated(record)}`);
      return folder.pathOf(id, "model");
    },
    /** Throws `conflict` where a base is being trained from what the task would no longer be. */
    refuseChange(changed: TaskRecord): void {
      const own = jobOf(changed.id);
      if (own && own.kept().version !== versionOf(changed))
        throw new TandemError(
          "conflict",
          `a base is being trained from “${own.name}” as it is: wait until that is done, or cancel it`,
        );
    },
    async remove(id: string): Promise<void> {
      await jobOf(id)?.end("cancel", "kill");
      await folder.removeAll(id);
    },
    /** Goes on with what the server was stopped in. */
    async recover(): Promise<void> {
      for (const id of await folder.ids())
        await goOn(id).catch((error: unknown) =>
          log.warn({ task: id, err: error }, "the training of a base cannot go on"),
        );
    },
    async close(): Promise<void> {
      await job?.end("close", "save");
    },
  };
}

export type Bases = ReturnType<typeof createBases>;

async function viewOf(
  record: TaskRecord,
  folder: BaseFolder,
  job: BaseJob | undefined,
): Promise<PreparationView> {
  const { id } = record;
  const training = job?.kept() ?? (await folder.read(id, "training"));
  const model = await folder.read(id, "model");
  const ready = model?.version === versionOf(record);
  const shown = training ?? model;
  if (!shown) return { state: "none", ready };
  const { limit, from, step, fraction, loss, samplesPerSecond, status } = shown;
  const problem = shown.problem ?? (training || ready ? undefined : outdated(record));
  const at = await folder.sheetAt(id, training ? "training" : "model");
  const secondsLeft = job?.secondsLeft();
  return {
    state: stateOf(status, job !== undefined),
    ready,
    limit,
    ...(from !== undefined && { from }),
    step,
    fraction,
    ...(loss !== undefined && { loss }),
    ...(job && samplesPerSecond !== undefined && { samplesPerSecond }),
    ...(secondsLeft !== undefined && { secondsLeft }),
    ...(at !== undefined && { sheet: `/api/tasks/${id}/prepare/sheet.png?at=${at}` }),
    ...(problem !== undefined && { problem }),
  };
}

/** A base that is trained and not yet in its place still runs. */
function stateOf(status: KeptTraining["status"], isAtWork: boolean): PreparationView["state"] {
  if (status === "running") return isAtWork ? "running" : "paused";
  return status === "done" && isAtWork ? "running" : status;
}

/** Of all that a base is made from. */
function versionOf({ task, publicSet }: TaskRecord): string {
  const { classes, prompts, pictures } = task;
  const parts = JSON.stringify([classes, prompts, pictures, publicSet?.hash]);
  return createHash("sha256").update(parts).digest("hex");
}

const outdated = ({ task }: TaskRecord) =>
  `the base of “${task.name}” was trained from another public set, other classes, prompts or pictures than it has now: train it again`;

const limitOf = ({ minutes, steps }: PreparationRequest): KeptTraining["limit"] | undefined => {
  if (steps !== undefined) return { steps };
  return minutes === undefined ? undefined : { minutes };
};

/** Throws `conflict` where what was stopped began with other weights. */
function sameFrom({ from }: KeptTraining, request: PreparationRequest): string | undefined {
  if (request.from === undefined || request.from === from) return from;
  throw new TandemError(
    "conflict",
    `from: what was stopped began with ${from ?? "random weights"}: leave "from" out to go on with it, or set "anew" to drop it`,
  );
}

function busy(job: BaseJob, asked: string): TandemError {
  const seconds = job.secondsLeft();
  const left = seconds === undefined ? "" : ` (about ${formatDuration(1000 * seconds)})`;
  return new TandemError(
    "conflict",
    job.id === asked
      ? `the base of “${job.name}” is being trained already`
      : `this server trains one base at a time, now that of “${job.name}”: wait until it is done${left}, or cancel it`,
  );
}

/** Throws `bad-config` unless a shipped base has the shape of bases for pictures of this size. */
async function requireShape(from: string, size: number): Promise<void> {
  await requireShipped(from, "from");
  const path = folderOfTeacher({ kind: "shipped", checkpoint: from }) ?? from;
  const [side] = await readModelSize(path);
  if (shapeOfSize(side) !== shapeOfSize(size))
    throw new TandemError(
      "bad-config",
      `from: ${from} paints ${side} x ${side} pixels, and bases for ${size} x ${size} have another shape: choose another, or none`,
    );
}

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { TrainingLimit } from "@tandem/diffusion/training/base-training";
import { isTaskId } from "@tandem/protocol/task";
import { sheetFile } from "@tandem/teacher/base-of-task";

/** What is known of a training, or of the base that one has made. */
export type KeptTraining = {
  /** Of what the base is made from. */
  readonly version: string;
  readonly limit: TrainingLimit;
  /** The shipped base that it began with. */
  readonly from?: string;
  /** `running` without a process: the server was stopped meanwhile. */
  readonly status: "running" | "paused" | "failed" | "done";
  readonly problem?: string;
  readonly step: number;
  readonly fraction: number;
  readonly loss?: number;
  readonly samplesPerSecond?: number;
  readonly finishedAt?: number;
};

/** A training lies apart from the base that experiments paint with, and takes its place when it is done. */
export type Part = "training" | "model";
const recordFile = "preparation.json";

/** `DIRECTORY/TASK/training` and `DIRECTORY/TASK/model`. */
export function createBaseFolder(directory: string) {
  function ofTask(id: string): string {
    if (isTaskId(id)) return join(directory, id);
    throw new TandemError("not-found", `there is no task ${id}`);
  }
  const pathOf = (id: string, part: Part) => join(ofTask(id), part);

  async function read(id: string, part: Part): Promise<KeptTraining | undefined> {
    const path = join(pathOf(id, part), recordFile);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as KeptTraining; // by `write`
    } catch (cause) {
      throw new TandemError("corrupt", `${path} is not JSON: remove its folder`, { cause });
    }
  }

  async function write(id: string, kept: KeptTraining): Promise<void> {
    const folder = pathOf(id, "training");
    await mkdir(folder, { recursive: true });
    const path = join(folder, recordFile);
    await writeFile(`${path}.partial`, `${JSON.stringify(kept, null, 2)}\n`);
    await rename(`${path}.partial`, path);
  }

  const sheetOf = (id: string, part: Part) => join(pathOf(id, part), sheetFile);
  const remove = (id: string, part: Part) => rm(pathOf(id, part), { recursive: true, force: true });

  return {
    pathOf,
    read,
    write,
    remove,
    removeAll: (id: string) => rm(ofTask(id), { recursive: true, force: true }),
    /** Those that have a folder. */
    async ids(): Promise<readonly string[]> {
      const names = await readdir(directory).catch(() => []);
      return names.filter(isTaskId);
    },
    /** Puts a training that is done in the place of the base; once more after a crash does no harm. */
    async publish(id: string): Promise<void> {
      await rm(join(pathOf(id, "training"), "state.safetensors"), { force: true });
      await remove(id, "model");
      await rename(pathOf(id, "training"), pathOf(id, "model"));
    },
    /** When the sheet was painted, if there is one. */
    sheetAt: (id: string, part: Part): Promise<number | undefined> =>
      stat(sheetOf(id, part)).then(
        ({ mtimeMs }) => Math.round(mtimeMs),
        () => undefined,
      ),
    sheet: (id: string, part: Part): Promise<Uint8Array> => readFile(sheetOf(id, part)),
  };
}

export type BaseFolder = ReturnType<typeof createBaseFolder>;

import { createWriteStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Coordinator } from "@tandem/coordinator/coordinator";
import { codeOf, TandemError } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import type { TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { slicedFile } from "@tandem/intake/files/source-file";
import type { ExperimentView } from "@tandem/protocol/view";
import { bodyPieces } from "@tandem/transport/http";
import { letTakeItsTime } from "../limits";
import type { Tasks } from "../tasks";
import { canonical } from "./archive-format";
import { openArchive } from "./read-archive";

export type ImportLimits = {
  /** Where an upload lies while it is read. */
  readonly directory: string;
  /** Of an archive, and what stays free on its disk. */
  readonly mostBytes: number;
  readonly reserveBytes: number;
  readonly freeBytes: () => Promise<number>;
};

/** Takes in archives of experiments, one at a time. */
export function createImports(options: {
  readonly coordinator: Pick<Coordinator, "adopt">;
  readonly records: TaskStore;
  readonly tasks: Pick<Tasks, "exclusively" | "requireKnown">;
  readonly limits: ImportLimits;
}) {
  const { coordinator, records, tasks, limits } = options;
  const { directory, mostBytes, reserveBytes, freeBytes } = limits;
  let isBusy = false;

  async function save(request: IncomingMessage, path: string): Promise<number> {
    let size = 0;
    const pieces = bodyPieces(request, mostBytes);
    await pipeline(
      async function* () {
        for await (const piece of pieces) {
          size += piece.length;
          // It is unpacked beside itself.
          const free = await freeBytes();
          if (free - size < reserveBytes)
            throw new TandemError(
              "full",
              `The server's disk has ${formatBytes(free)} left, and ${formatBytes(reserveBytes)} of it have to stay free: ask whoever runs it to make room.`,
            );
          yield piece;
        }
      },
      createWriteStream(path, { flags: "wx", mode: 0o600 }),
    );
    return size;
  }

  async function read(path: string, size: number): Promise<ExperimentView> {
    const file = await open(path, "r");
    try {
      const zip = slicedFile("archive", size, async (from, to) => {
        const bytes = new Uint8Array(to - from);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
        return bytes.subarray(0, bytesRead);
      });
      const { record, history, task, blobs } = await openArchive(zip, mostBytes);
      // No task changes between the look at it and the experiment that is on it.
      return await tasks.exclusively(async () => {
        const isNew = task !== undefined && (await isMissing(task));
        if (isNew) await records.create(task);
        try {
          await tasks.requireKnown(record.config.dataset);
          return await coordinator.adopt(record, history, blobs());
        } catch (error) {
          if (isNew) await records.remove(task.id);
          throw error;
        }
      });
    } finally {
      await file.close();
    }
  }

  /** Throws `conflict` where another task has its id. */
  async function isMissing(task: TaskRecord): Promise<boolean> {
    try {
      if (canonical(await records.get(task.id)) === canonical(task)) return false;
    } catch (error) {
      if (codeOf(error) === "not-found") return true;
      throw error;
    }
    throw new TandemError(
      "conflict",
      `This server has another task ${task.id} than the archive: import it on a server without that.`,
    );
  }

  return {
    /** All of the archive that the request bears, or nothing of it. Throws what `openArchive` and `adopt` do. */
    async take(request: IncomingMessage): Promise<ExperimentView> {
      if (isBusy)
        throw new TandemError("too-many", "Another archive is being imported: try again after it.");
      isBusy = true;
      letTakeItsTime(request);
      try {
        await rm(directory, { recursive: true, force: true }); // what a crash has left
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const path = join(directory, "archive.zip");
        return await read(path, await save(request, path));
      } finally {
        await rm(directory, { recursive: true, force: true });
        isBusy = false;
      }
    },
  };
}

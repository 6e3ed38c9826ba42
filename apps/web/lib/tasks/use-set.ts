"use client";

import type { Task } from "@tandem/core/task";
import type { PickedFile } from "@tandem/intake/files/browser-files";
import type { SetFolder } from "@tandem/intake/task/read-task";
import type { SetView } from "@tandem/protocol/view";
import { useEffect, useMemo, useState } from "react";
import { readFiles } from "./set-jobs";
import type { FromSetWorker } from "./set-messages";

export type SetReading = Exclude<FromSetWorker, { readonly type: "packed" }>;

export type SetChoice = {
  readonly files: readonly PickedFile[];
  readonly reading: SetReading | undefined;
  readonly choose: (files: readonly PickedFile[]) => void;
};

/** A set of the form: files, or what the task has on the server. */
export type SetField = SetChoice & {
  readonly there?: SetView | undefined;
  /** What is there stays unless files are chosen in its place. */
  readonly isKept: boolean;
  readonly keep: (isKept: boolean) => void;
};

/** What is known of what the task will have. */
export function contentOf({ files, reading, there, isKept }: SetField) {
  if (files.length === 0)
    return isKept && there
      ? { ...there, captions: there.captions ?? [], isThere: true }
      : { samples: 0, hasPictures: false, captions: [], isThere: true };
  return reading?.type === "read"
    ? {
        samples: reading.set.size,
        hasPictures: reading.set.images !== undefined,
        captions: reading.captions,
        isThere: false,
      }
    : undefined;
}

/** Of a task what decides what its files are read as; the rest can change meanwhile. */
const shapeOf = ({ classes, modalities, pictures }: Task) =>
  JSON.stringify([classes, modalities, pictures]);

type Done = {
  readonly files: SetChoice["files"];
  readonly shape: string;
  readonly reading: SetReading;
};

/** Files of a set, read again where the task has become another; none are read without a task. */
export function useSet(folder: SetFolder, task: Task | undefined): SetChoice {
  const [files, choose] = useState<readonly PickedFile[]>([]);
  const [done, setDone] = useState<Done>();
  const shape = task && shapeOf(task);
  const isRead = done?.files === files && done.shape === shape && done.reading.type !== "progress";
  useEffect(() => {
    if (files.length === 0 || shape === undefined || !task || isRead) return undefined;
    return readFiles({ files, folder, task }, (message) => {
      if (message.type !== "packed") setDone({ files, shape, reading: message });
    });
  }, [files, folder, shape, isRead]);
  const reading = useMemo((): SetReading | undefined => {
    if (files.length === 0) return undefined;
    const isOfThese = done?.files === files && (shape === undefined || done.shape === shape);
    return isOfThese ? done.reading : { type: "progress", files: files.length, filesDone: 0 };
  }, [files, done, shape]);
  return { files, reading, choose };
}

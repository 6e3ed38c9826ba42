"use client";

import { messageOf } from "@tandem/core/errors";
import type { Task } from "@tandem/core/task";
import { parseTask } from "@tandem/protocol/task";
import type { TaskUploadView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type Draft, definitionOf } from "./draft";
import type { Source } from "./draft-of-task";
import { type Mistakes, mistakeOfRefusal } from "./mistakes";
import { packTask } from "./set-jobs";
import { upload } from "./upload";
import type { SetField } from "./use-set";

type Sets = { readonly public: SetField; readonly test: SetField };

/** Sends what the form holds, and goes to the task's page; what the server refuses of a field is told. */
export function useSending(options: {
  readonly draft: Draft;
  readonly sets: Sets;
  readonly source: Source | undefined;
  readonly forget: () => void;
  readonly onRefused: (mistake: Mistakes) => void;
}) {
  const { draft, sets, source, forget, onRefused } = options;
  const router = useRouter();
  const [failure, setFailure] = useState<string>();
  const [sent, setSent] = useState<number>();
  const send = async () => {
    setFailure(undefined);
    setSent(0);
    try {
      const task = parseTask(definitionOf(draft));
      const isNow = task.teacher.kind !== "trained" || hasBase(task, sets, source);
      const zip = await packTask({
        task: isNow ? task : { ...task, teacher: { kind: "none" } },
        sets: { ...readOf("public", sets.public), ...readOf("test", sets.test) },
      });
      const blob = new Blob([zip as Uint8Array<ArrayBuffer>], { type: "application/zip" });
      const made = await upload<TaskUploadView>(addressOf(sets, source), blob, setSent);
      forget();
      router.push(`/tasks/${made.task.id}${isNow ? "" : "#base"}`);
      router.refresh();
    } catch (error) {
      setSent(undefined);
      const mistake = mistakeOfRefusal(messageOf(error));
      if (mistake) onRefused(mistake);
      else setFailure(messageOf(error));
    }
  };
  return { sent, failure, setFailure, send };
}

const readOf = (folder: "public" | "test", { reading }: SetField) =>
  reading?.type === "read" ? { [folder]: reading.set } : {};

function addressOf(sets: Sets, source: Source | undefined): string {
  const query = new URLSearchParams();
  for (const folder of ["public", "test"] as const)
    if (sets[folder].isKept && sets[folder].files.length === 0) query.append("keep", folder);
  if (!source) return "/api/tasks/import";
  const { id } = source.view;
  if (source.as === "edit") return `/api/tasks/${id}/import?${query}`;
  query.append("from", id);
  return `/api/tasks/import?${query}`;
}

/** Whether the base that this server has trained is of the task as it is written now. */
export function hasBase(
  { classes, prompts, pictures }: Pick<Task, "classes" | "prompts" | "pictures">,
  { public: set }: Pick<Sets, "public">,
  source: Source | undefined,
): boolean {
  if (source?.as !== "edit" || !source.isBaseReady) return false;
  const { task } = source.view;
  const before = JSON.stringify([task.classes, task.prompts, task.pictures]);
  return (
    set.isKept && set.files.length === 0 && before === JSON.stringify([classes, prompts, pictures])
  );
}

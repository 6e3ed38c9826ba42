"use client";

import { messageOf } from "@tandem/core/errors";
import type { TaskUploadView } from "@tandem/protocol/view";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { upload } from "../../lib/tasks/upload";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { ProgressBar } from "../ui/progress-bar";
import { FileDrop } from "./file-drop";
import { LeftOut } from "./left-out";

type State =
  | { readonly type: "idle" }
  | { readonly type: "sending"; readonly fraction: number }
  | { readonly type: "done"; readonly made: TaskUploadView }
  | { readonly type: "failed"; readonly message: string };

/** Makes a task of a zip that another server, or this one, has exported. */
export function ImportTask() {
  const router = useRouter();
  const [state, setState] = useState<State>({ type: "idle" });
  const take = async (file: File) => {
    setState({ type: "sending", fraction: 0 });
    try {
      const made = await upload<TaskUploadView>("/api/tasks/import", file, (fraction) =>
        setState({ type: "sending", fraction }),
      );
      if (made.leftOutCount === 0) router.push(`/tasks/${made.task.id}`);
      else {
        setState({ type: "done", made });
        router.refresh();
      }
    } catch (error) {
      setState({ type: "failed", message: messageOf(error) });
    }
  };
  return (
    <Panel title="Import a task">
      <FileDrop label="Import a task" onFiles={([{ file }]) => void take(file)}>
        Drop the zip of a task here: what a task's page exports, or a folder with task.json, public
        and test that you have zipped.
      </FileDrop>
      {state.type === "sending" && (
        <ProgressBar className="mt-4" label="Sending the zip" fraction={state.fraction} />
      )}
      {state.type === "failed" && (
        <p role="alert" className="mt-4 text-sm font-medium text-bad">
          {state.message}
        </p>
      )}
      {state.type === "done" && (
        <div className="mt-4 space-y-4">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p role="status" className="text-sm">
              “{state.made.task.name}” is there.
            </p>
            <Button asChild>
              <Link href={`/tasks/${state.made.task.id}`}>Open it</Link>
            </Button>
          </div>
          <LeftOut files={state.made.leftOut} count={state.made.leftOutCount} />
        </div>
      )}
    </Panel>
  );
}

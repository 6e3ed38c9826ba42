"use client";

import { messageOf } from "@tandem/core/errors";
import type { TaskUploadView } from "@tandem/protocol/view";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { upload } from "../../lib/tasks/upload";
import { text } from "../../text/tasks";
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
    <Panel title={text.import.title}>
      <FileDrop label={text.import.title} onFiles={([{ file }]) => void take(file)}>
        {text.import.drop}
      </FileDrop>
      {state.type === "sending" && (
        <ProgressBar className="mt-4" label={text.import.sending} fraction={state.fraction} />
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
              {text.import.done(state.made.task.name)}
            </p>
            <Button asChild>
              <Link href={`/tasks/${state.made.task.id}`}>{text.import.open}</Link>
            </Button>
          </div>
          <LeftOut files={state.made.leftOut} count={state.made.leftOutCount} />
        </div>
      )}
    </Panel>
  );
}

"use client";

import type { ExperimentView } from "@tandem/protocol/view";
import { Pause, Play, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { toast } from "sonner";
import { post, request } from "../../lib/request";
import { text } from "../../text/experiment";
import { For } from "../account/visitor";
import { ExportMenu } from "../runs/export-menu";
import { ImportedNote } from "../runs/imported-note";
import { RunActions } from "../runs/run-actions";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";

type Verb = "start" | "pause" | "resume";

export function Controls({ view }: { readonly view: ExperimentView }) {
  const router = useRouter();
  const [busy, run] = useTransition();
  const attempt = (action: () => Promise<void>) =>
    run(() => action().catch((error: Error) => void toast.error(error.message)));
  const command = (verb: Verb) => () =>
    attempt(() => post<void>(`/api/experiments/${view.id}/${verb}`));
  const remove = () =>
    attempt(async () => {
      await request<void>(`/api/experiments/${view.id}`, { method: "DELETE" });
      router.push("/");
    });
  const isOwn = view.importedAt === undefined;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ImportedNote view={view} />
      <For who="researcher">
        {view.status === "draft" && (
          <Button tone="primary" disabled={busy} onClick={command("start")}>
            <Play aria-hidden="true" /> {text.controls.start}
          </Button>
        )}
        {view.status === "running" && (
          <Button disabled={busy} onClick={command("pause")}>
            <Pause aria-hidden="true" /> {text.controls.pause}
          </Button>
        )}
        {isOwn && (view.status === "paused" || view.status === "failed") && (
          <Button tone="primary" disabled={busy} onClick={command("resume")}>
            <Play aria-hidden="true" /> {text.controls.resume}
          </Button>
        )}
      </For>
      <ExportMenu view={view} />
      <RunActions view={view} />
      <For who="researcher">
        <Confirm
          title={text.controls.askDelete(view.config.name)}
          text={text.controls.askDeleteText}
          verb={text.controls.deleteExperiment}
          onConfirm={remove}
        >
          <Button tone="danger" disabled={busy}>
            <Trash2 aria-hidden="true" /> {text.controls.delete}
          </Button>
        </Confirm>
      </For>
    </div>
  );
}

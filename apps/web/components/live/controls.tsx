"use client";

import type { ExperimentView } from "@tandem/protocol/view";
import { Pause, Play, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { toast } from "sonner";
import { post, request } from "../../lib/request";
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
            <Play aria-hidden="true" /> Start
          </Button>
        )}
        {view.status === "running" && (
          <Button disabled={busy} onClick={command("pause")}>
            <Pause aria-hidden="true" /> Pause
          </Button>
        )}
        {isOwn && (view.status === "paused" || view.status === "failed") && (
          <Button tone="primary" disabled={busy} onClick={command("resume")}>
            <Play aria-hidden="true" /> Resume
          </Button>
        )}
      </For>
      <ExportMenu view={view} />
      <RunActions view={view} />
      <For who="researcher">
        <Confirm
          title={`Delete “${view.config.name}”?`}
          text="Its rounds, metrics and clients are deleted for good. Participants are sent away."
          verb="Delete experiment"
          onConfirm={remove}
        >
          <Button tone="danger" disabled={busy}>
            <Trash2 aria-hidden="true" /> Delete
          </Button>
        </Confirm>
      </For>
    </div>
  );
}

import type { BackboneView, PreparationView, TaskView, TeachersView } from "@tandem/protocol/view";
import { Copy } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { TaskWizard } from "../../../../components/tasks/task-wizard";
import { Button } from "../../../../components/ui/button";
import { Panel } from "../../../../components/ui/panel";
import { load, loadOr404 } from "../../../../lib/server-api";

type Props = { readonly params: Promise<{ readonly id: string }> };

export const metadata: Metadata = { title: "Edit task" };

export default async function EditTaskPage({ params }: Props) {
  const { id } = await params;
  const view = await loadOr404<TaskView>(`/api/tasks/${id}`);
  if (view.data === "dealt") notFound();
  const [teachers, backbones, base] = await Promise.all([
    load<TeachersView>("/api/teachers"),
    load<readonly BackboneView[]>("/api/backbones"),
    load<PreparationView>(`/api/tasks/${id}/prepare`),
  ]);
  return (
    <>
      <p className="text-sm text-ink-soft">
        <Link href={`/tasks/${id}`} className="underline underline-offset-2">
          {view.name}
        </Link>
      </p>
      <h1 className="mt-1 mb-8 text-3xl font-semibold">Edit the task</h1>
      {view.experiments.length > 0 ? (
        <Panel title="It stays as it is for now">
          <p className="max-w-prose text-sm text-ink-soft">
            {new Intl.ListFormat("en").format(view.experiments.map(({ name }) => `“${name}”`))}{" "}
            {view.experiments.length > 1 ? "are" : "is"} on this task, and whoever has joined has
            been told of it. Remove what is on it first, or go on with a copy: it begins with the
            same definition and the same sets.
          </p>
          <Button asChild tone="primary" className="mt-5">
            <Link href={`/tasks/new?from=${id}`}>
              <Copy aria-hidden="true" /> Make a copy
            </Link>
          </Button>
        </Panel>
      ) : (
        <>
          {base.state === "running" && (
            <p role="status" className="mb-5 max-w-prose text-sm font-medium text-teacher-ink">
              A base is being trained from this task: until that is done or stopped, its classes,
              prompts, pictures and public set stay as they are.
            </p>
          )}
          <TaskWizard
            teachers={teachers}
            backbones={backbones}
            source={{ view, as: "edit", isBaseReady: base.ready }}
          />
        </>
      )}
    </>
  );
}

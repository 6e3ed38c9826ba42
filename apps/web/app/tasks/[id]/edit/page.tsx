import type { BackboneView, PreparationView, TaskView, TeachersView } from "@tandem/protocol/view";
import { Copy } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { TaskWizard } from "../../../../components/tasks/task-wizard";
import { Button } from "../../../../components/ui/button";
import { Panel } from "../../../../components/ui/panel";
import { load, loadOr404 } from "../../../../lib/server-api";
import { text } from "../../../../text/tasks";

type Props = { readonly params: Promise<{ readonly id: string }> };

export const metadata: Metadata = { title: text.edit.title };

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
      <h1 className="mt-1 mb-8 text-3xl font-semibold">{text.edit.heading}</h1>
      {view.experiments.length > 0 ? (
        <Panel title={text.edit.locked}>
          <p className="max-w-prose text-sm text-ink-soft">
            {text.edit.lockedText(view.experiments.map(({ name }) => name))}
          </p>
          <Button asChild tone="primary" className="mt-5">
            <Link href={`/tasks/new?from=${id}`}>
              <Copy aria-hidden="true" /> {text.page.copy}
            </Link>
          </Button>
        </Panel>
      ) : (
        <>
          {base.state === "running" && (
            <p role="status" className="mb-5 max-w-prose text-sm font-medium text-teacher-ink">
              {text.edit.training}
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

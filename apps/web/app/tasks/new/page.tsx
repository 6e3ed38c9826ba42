import type { BackboneView, TaskView, TeachersView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DocsLink } from "../../../components/docs/docs-link";
import { TaskWizard } from "../../../components/tasks/task-wizard";
import { pageDocs } from "../../../lib/docs/setting-docs";
import { load, loadOr404 } from "../../../lib/server-api";
import { text } from "../../../text/tasks";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: text.make.title };

type Props = { readonly searchParams: Promise<{ readonly from?: string | string[] }> };

export default async function NewTaskPage({ searchParams }: Props) {
  const { from } = await searchParams;
  const [teachers, backbones, view] = await Promise.all([
    load<TeachersView>("/api/teachers"),
    load<readonly BackboneView[]>("/api/backbones"),
    from === undefined
      ? undefined
      : loadOr404<TaskView>(`/api/tasks/${encodeURIComponent(String(from))}`),
  ]);
  if (view?.data === "dealt") notFound();
  return (
    <>
      <div className="flex items-center gap-3">
        <h1 className="text-3xl font-semibold">
          {view ? text.make.copyOf(view.name) : text.make.title}
        </h1>
        <DocsLink to={pageDocs.newTask} about={text.make.about} />
      </div>
      <p className="mt-2 mb-8 max-w-prose text-ink-soft">
        {view ? text.make.copyIntro : text.make.intro}
      </p>
      <TaskWizard
        key={view?.id}
        teachers={teachers}
        backbones={backbones}
        {...(view && { source: { view, as: "copy" as const, isBaseReady: false } })}
      />
    </>
  );
}

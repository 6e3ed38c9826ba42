import type { BackboneView, TeachersView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { TaskWizard } from "../../../components/tasks/task-wizard";
import { load } from "../../../lib/server-api";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: "New task" };

export default async function NewTaskPage() {
  const [teachers, backbones] = await Promise.all([
    load<TeachersView>("/api/teachers"),
    load<readonly BackboneView[]>("/api/backbones"),
  ]);
  return (
    <>
      <h1 className="text-3xl font-semibold">New task</h1>
      <p className="mt-2 mb-8 max-w-prose text-ink-soft">
        A study of your own, step by step. What you have typed stays in this tab until the task is
        created.
      </p>
      <TaskWizard teachers={teachers} backbones={backbones} />
    </>
  );
}

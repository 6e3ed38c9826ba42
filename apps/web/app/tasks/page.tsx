import type { TaskView, TeachersView } from "@tandem/protocol/view";
import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { For } from "../../components/account/visitor";
import { DocsLink } from "../../components/docs/docs-link";
import { ImportTask } from "../../components/tasks/import-task";
import { TaskRow } from "../../components/tasks/task-row";
import { Button } from "../../components/ui/button";
import { Empty } from "../../components/ui/panel";
import { pageDocs } from "../../lib/docs/setting-docs";
import { load } from "../../lib/server-api";
import { text } from "../../text/tasks";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: text.title };

export default async function TasksPage() {
  const [tasks, teachers] = await Promise.all([
    load<readonly TaskView[]>("/api/tasks"),
    load<TeachersView>("/api/teachers"),
  ]);
  const groups = [
    { title: text.groups.own, data: "own" },
    { title: text.groups.dealt, data: "dealt" },
  ].map((group) => ({ ...group, tasks: tasks.filter(({ data }) => data === group.data) }));
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div>
          <div className="flex items-center gap-3">
            <h1 className="text-3xl font-semibold">{text.title}</h1>
            <DocsLink to={pageDocs.tasks} about={text.about} />
          </div>
          <p className="mt-2 max-w-prose text-ink-soft">{text.intro}</p>
        </div>
        <For who="researcher">
          <Button tone="primary" asChild>
            <Link href="/tasks/new">
              <Plus aria-hidden="true" /> {text.new}
            </Link>
          </Button>
        </For>
      </div>
      <div className="space-y-10">
        {groups.map(({ title, tasks }) => (
          <section key={title} aria-label={title}>
            <h2 className="mb-3 text-base font-semibold">{title}</h2>
            {tasks.length === 0 ? (
              <Empty title={text.none}>{text.noneText}</Empty>
            ) : (
              <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
                {tasks.map((view) => (
                  <TaskRow key={view.id} view={view} teachers={teachers} />
                ))}
              </ul>
            )}
          </section>
        ))}
        <For who="researcher">
          <ImportTask />
        </For>
      </div>
    </>
  );
}

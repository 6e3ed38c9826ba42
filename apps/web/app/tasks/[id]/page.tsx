import type { TaskView, TeachersView } from "@tandem/protocol/view";
import { Copy, Download, Pencil, Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { For } from "../../../components/account/visitor";
import { DealtTask } from "../../../components/tasks/dealt-task";
import { OwnTask } from "../../../components/tasks/own-task";
import { RemoveTask } from "../../../components/tasks/remove-task";
import { Button } from "../../../components/ui/button";
import { basePath } from "../../../lib/base-path";
import { load, loadOr404 } from "../../../lib/server-api";
import { text } from "../../../text/tasks";

type Props = { readonly params: Promise<{ readonly id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  const { name } = await loadOr404<TaskView>(`/api/tasks/${id}`);
  return { title: name };
}

export default async function TaskPage({ params }: Props) {
  const { id } = await params;
  const [view, teachers] = await Promise.all([
    loadOr404<TaskView>(`/api/tasks/${id}`),
    load<TeachersView>("/api/teachers"),
  ]);
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-x-8 gap-y-5">
        <div className="min-w-0">
          <p className="text-sm text-ink-soft">
            {view.data === "own" ? text.page.own : text.page.dealt}
          </p>
          <h1 className="mt-1 text-3xl font-semibold break-words">{view.name}</h1>
          {view.description && (
            <p className="mt-2 max-w-prose whitespace-pre-line text-ink-soft">{view.description}</p>
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <For who="researcher">
            <Button tone="primary" asChild>
              <Link href={`/experiments/new?task=${view.id}`}>
                <Plus aria-hidden="true" /> {text.page.newExperiment}
              </Link>
            </Button>
          </For>
          {view.data === "own" && (
            <>
              <For who="researcher">
                {view.experiments.length === 0 && (
                  <Button asChild>
                    <Link href={`/tasks/${view.id}/edit`}>
                      <Pencil aria-hidden="true" /> {text.page.edit}
                    </Link>
                  </Button>
                )}
                <Button asChild>
                  <Link href={`/tasks/new?from=${view.id}`}>
                    <Copy aria-hidden="true" /> {text.page.copy}
                  </Link>
                </Button>
              </For>
              <Button asChild>
                <a href={`${basePath}/api/tasks/${view.id}/export.zip`} download>
                  <Download aria-hidden="true" /> {text.page.export}
                </a>
              </Button>
              <For who="researcher">
                {view.experiments.length === 0 && <RemoveTask id={view.id} name={view.name} />}
              </For>
            </>
          )}
        </div>
      </div>
      {view.data === "own" ? (
        <OwnTask view={view} teachers={teachers} />
      ) : (
        <DealtTask view={view} teachers={teachers} />
      )}
    </>
  );
}

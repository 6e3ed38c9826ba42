import type { StrategyView, TaskView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { ExperimentForm } from "../../../components/form/experiment-form";
import { load } from "../../../lib/server-api";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: "New experiment" };

type Props = { readonly searchParams: Promise<{ readonly task?: string | string[] }> };

export default async function NewExperimentPage({ searchParams }: Props) {
  const [{ task }, schema, strategies, tasks] = await Promise.all([
    searchParams,
    load<Readonly<Record<string, unknown>>>("/api/experiment-schema"),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
  ]);
  return (
    <>
      <h1 className="text-3xl font-semibold">New experiment</h1>
      <p className="mt-2 mb-8 max-w-prose text-ink-soft">
        It is created as a draft: nothing runs until you start it.
      </p>
      <ExperimentForm
        schema={schema}
        strategies={strategies}
        tasks={tasks}
        dataset={typeof task === "string" ? task : undefined}
      />
    </>
  );
}

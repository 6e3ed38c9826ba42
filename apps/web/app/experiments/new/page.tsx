import type { ExperimentView, StrategyView, TaskView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { ExperimentForm } from "../../../components/form/experiment-form";
import { load, loadOr404 } from "../../../lib/server-api";
import { text } from "../../../text/new-experiment";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: text.title };

type Parameter = string | string[] | undefined;
type Props = {
  readonly searchParams: Promise<{ readonly task?: Parameter; readonly from?: Parameter }>;
};

export default async function NewExperimentPage({ searchParams }: Props) {
  const { task, from } = await searchParams;
  const [schema, strategies, tasks, copied] = await Promise.all([
    load<Readonly<Record<string, unknown>>>("/api/experiment-schema"),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
    typeof from === "string"
      ? loadOr404<ExperimentView>(`/api/experiments/${encodeURIComponent(from)}`)
      : undefined,
  ]);
  return (
    <>
      <div className="mb-5 flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <h1 className="text-3xl font-semibold">{text.title}</h1>
        <p className="min-w-0 break-words text-ink-soft">
          {copied ? text.leadOfCopy(copied.config.name) : text.lead}
        </p>
      </div>
      <ExperimentForm
        schema={schema}
        strategies={strategies}
        tasks={tasks}
        dataset={typeof task === "string" ? task : undefined}
        copied={copied && { id: copied.id, config: copied.config }}
      />
    </>
  );
}

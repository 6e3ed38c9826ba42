import type { ExperimentView, StrategyView, TaskView } from "@tandem/protocol/view";
import { Plus } from "lucide-react";
import Link from "next/link";
import { For } from "../components/account/visitor";
import { ExperimentRow } from "../components/experiments/experiment-row";
import { FirstSteps } from "../components/experiments/first-steps";
import { Refresh } from "../components/experiments/refresh";
import { ImportArchive } from "../components/runs/import-archive";
import { Button } from "../components/ui/button";
import { load } from "../lib/server-api";

export const dynamic = "force-dynamic";

export default async function ExperimentsPage() {
  const [experiments, strategies, tasks] = await Promise.all([
    load<readonly ExperimentView[]>("/api/experiments"),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
  ]);
  const titleOf = (name: string) => strategies.find((s) => s.name === name)?.title ?? name;
  const taskName = (dataset: string) => tasks.find(({ id }) => id === dataset)?.name ?? dataset;
  const newest = experiments.toSorted((a, b) => b.createdAt - a.createdAt);
  return (
    <>
      <Refresh everyMs={5000} />
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-3xl font-semibold">Experiments</h1>
          <p className="mt-2 max-w-prose text-ink-soft">
            Models in browser tabs and a text-to-image teacher on this server make each other
            better. Data stays in the tabs.
          </p>
        </div>
        <For who="researcher">
          <div className="flex flex-wrap gap-2">
            <ImportArchive />
            {newest.length > 0 && (
              <Button tone="primary" asChild>
                <Link href="/experiments/new">
                  <Plus aria-hidden="true" /> New experiment
                </Link>
              </Button>
            )}
          </div>
        </For>
      </div>
      {newest.length === 0 ? (
        <FirstSteps />
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {newest.map((view) => (
            <ExperimentRow
              key={view.id}
              view={view}
              strategyTitle={titleOf(view.config.strategy)}
              taskName={taskName(view.config.dataset)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

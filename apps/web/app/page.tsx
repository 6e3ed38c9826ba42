import type { ExperimentListView } from "@tandem/protocol/experiment-list";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { Plus } from "lucide-react";
import Link from "next/link";
import { For } from "../components/account/visitor";
import { ExperimentList } from "../components/experiments/experiment-list";
import { FirstSteps } from "../components/experiments/first-steps";
import { Refresh } from "../components/experiments/refresh";
import { ImportArchive } from "../components/runs/import-archive";
import { Alert } from "../components/ui/alert";
import { Button } from "../components/ui/button";
import { RequestError } from "../lib/request";
import { load } from "../lib/server-api";
import { text } from "../text/experiments";

export const dynamic = "force-dynamic";

type Props = {
  readonly searchParams: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;
};

export default async function ExperimentsPage({ searchParams }: Props) {
  const query = queryOf(await searchParams);
  const [found, strategies, tasks] = await Promise.all([
    listOf(query),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
  ]);
  const isEmpty = "isEmpty" in found && found.isEmpty;
  return (
    <>
      <Refresh everyMs={5000} />
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-3xl font-semibold">{text.title}</h1>
          <p className="mt-2 max-w-prose text-ink-soft">{text.lead}</p>
        </div>
        <For who="researcher">
          <div className="flex flex-wrap gap-2">
            <ImportArchive />
            {!isEmpty && (
              <Button tone="primary" asChild>
                <Link href="/experiments/new">
                  <Plus aria-hidden="true" /> {text.create}
                </Link>
              </Button>
            )}
          </div>
        </For>
      </div>
      {"problem" in found ? (
        <Wrong problem={found.problem} />
      ) : isEmpty ? (
        <FirstSteps />
      ) : (
        <ExperimentList
          view={found}
          query={String(query)}
          strategies={strategies.map(({ name, title }) => ({ value: name, text: title }))}
          tasks={tasks.map(({ id, name }) => ({ value: id, text: name }))}
        />
      )}
    </>
  );
}

/** Somebody has typed the address. */
function Wrong({ problem }: { readonly problem: string }) {
  return (
    <>
      <Alert className="mb-4">
        {text.wrong} {problem}
      </Alert>
      <Button asChild>
        <Link href="/">{text.filters.clear}</Link>
      </Button>
    </>
  );
}

function queryOf(given: Awaited<Props["searchParams"]>): URLSearchParams {
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs);
}

async function listOf(
  query: URLSearchParams,
): Promise<ExperimentListView | { readonly problem: string }> {
  try {
    return await load<ExperimentListView>(`/api/experiment-list?${query}`);
  } catch (error) {
    if (error instanceof RequestError && error.code === "bad-config")
      return { problem: error.message };
    throw error;
  }
}

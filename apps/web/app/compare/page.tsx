import { type ExperimentListView, type RunRow, rowsOf } from "@tandem/protocol/experiment-list";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { Compare } from "../../components/compare/compare";
import type { Choice } from "../../lib/compare/choices";
import { fieldsOf } from "../../lib/form/schema-fields";
import { load } from "../../lib/server-api";
import { currentVisit } from "../../lib/visit";
import { text } from "../../text/compare";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: text.title };

type Schema = Readonly<Record<string, unknown>>;

export default async function ComparePage() {
  const [rows, strategies, tasks, schema] = await Promise.all([
    allRows(),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
    load<Schema>("/api/experiment-schema"),
  ]);
  const names = {
    settings: titlesOf(schema, strategies),
    strategies: Object.fromEntries(strategies.map(({ name, title }) => [name, title])),
    tasks: Object.fromEntries(tasks.map(({ id, name }) => [id, name])),
  };
  const choices = rows
    .toSorted(
      (a, b) => b.createdAt - a.createdAt || a.name.localeCompare(b.name, "en", { numeric: true }),
    )
    .map(
      ({ id, name, strategy, dataset, seed, status, tags, group, archived }): Choice => ({
        ...{ id, name, seed, status, tags, group, archived },
        strategy: names.strategies[strategy] ?? strategy,
        task: names.tasks[dataset] ?? dataset,
      }),
    );
  return <Compare choices={choices} names={names} address={`${currentVisit().address}/compare`} />;
}

/** Of every experiment, from all pages of the list; once, should one move from page to page meanwhile. */
async function allRows(): Promise<readonly RunRow[]> {
  const pageOf = (page: number) =>
    load<ExperimentListView>(`/api/experiment-list?archived=all&page=${page}`);
  const first = await pageOf(1);
  const others = Array.from({ length: first.pages - 1 }, (_, i) => pageOf(i + 2));
  const rows = [first, ...(await Promise.all(others))].flatMap(({ entries }) =>
    entries.flatMap(rowsOf),
  );
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** Of the experiment's own settings and of each strategy's, by the paths of `settingsOf`. */
function titlesOf(schema: Schema, strategies: readonly StrategyView[]) {
  const own = strategies.flatMap((strategy) =>
    fieldsOf(strategy.schema).map(({ name, title }) => [`strategy.${name}`, title] as const),
  );
  return Object.fromEntries([...own, ...fieldsOf(schema).map(({ name, title }) => [name, title])]);
}

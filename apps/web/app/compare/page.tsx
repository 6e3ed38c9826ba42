import type { ExperimentView, StrategyView, TaskView } from "@tandem/protocol/view";
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
  const [experiments, strategies, tasks, schema] = await Promise.all([
    load<readonly ExperimentView[]>("/api/experiments"),
    load<readonly StrategyView[]>("/api/strategies"),
    load<readonly TaskView[]>("/api/tasks"),
    load<Schema>("/api/experiment-schema"),
  ]);
  const names = {
    settings: titlesOf(schema, strategies),
    strategies: Object.fromEntries(strategies.map(({ name, title }) => [name, title])),
    tasks: Object.fromEntries(tasks.map(({ id, name }) => [id, name])),
  };
  const choices = experiments
    .toSorted(
      (a, b) =>
        b.createdAt - a.createdAt ||
        a.config.name.localeCompare(b.config.name, "en", { numeric: true }),
    )
    .map(
      ({ id, config, status, tags, group, archived }): Choice => ({
        id,
        name: config.name,
        strategy: names.strategies[config.strategy] ?? config.strategy,
        task: names.tasks[config.dataset] ?? config.dataset,
        seed: config.seed,
        status,
        tags,
        group,
        archived,
      }),
    );
  return <Compare choices={choices} names={names} address={`${currentVisit().address}/compare`} />;
}

/** Of the experiment's own settings and of each strategy's, by the paths of `settingsOf`. */
function titlesOf(schema: Schema, strategies: readonly StrategyView[]) {
  const own = strategies.flatMap((strategy) =>
    fieldsOf(strategy.schema).map(({ name, title }) => [`strategy.${name}`, title] as const),
  );
  return Object.fromEntries([...own, ...fieldsOf(schema).map(({ name, title }) => [name, title])]);
}

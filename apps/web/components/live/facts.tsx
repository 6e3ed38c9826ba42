import { formatNumber, formatWholePercent } from "@tandem/core/format";
import { isTaskId } from "@tandem/protocol/task";
import type { ExperimentView } from "@tandem/protocol/view";
import type { ReactNode } from "react";
import { text } from "../../text/experiment";

const words = text.facts;

/** The settings that define the run, in sight. */
export function Facts({
  view: { config, clients },
  strategyTitle,
  task,
}: {
  readonly view: ExperimentView;
  readonly strategyTitle: string;
  /** Its name, to click where there is a page of it. */
  readonly task: ReactNode;
}) {
  const isOwn = isTaskId(config.dataset);
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.strategy, strategyTitle],
    [words.task, task],
    ...(isOwn ? [] : [[words.skew, formatNumber(config.alpha)] as const]),
    [words.models, modelsOf(clients)],
    [words.seed, String(config.seed)],
    [words.rounds, String(config.rounds)],
    [isOwn ? words.participants : words.places, String(config.slots)],
    ...(config.participation < 1
      ? [[words.participation, formatWholePercent(config.participation)] as const]
      : []),
    ...(config.benchmark === "test" ? [] : [[words.measured, config.benchmark] as const]),
  ];
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-2 rounded-xl border border-line bg-surface px-5 py-3 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="flex min-w-0 items-baseline gap-1.5">
          <dt className="shrink-0 text-xs text-ink-faint">{name}</dt>
          <dd className="min-w-0 tabular-nums break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How many clients have which model, the most frequent first. */
function modelsOf(clients: ExperimentView["clients"]): string {
  const counts = new Map<string, number>();
  for (const { architecture } of clients)
    if (architecture) counts.set(architecture, (counts.get(architecture) ?? 0) + 1);
  if (counts.size === 0) return words.modelsLater;
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => words.model(name, count))
    .join(", ");
}

import type { ExperimentView } from "@tandem/protocol/view";
import Link from "next/link";
import { formatPercent, plural } from "../../lib/format";
import { latestAccuracy } from "../../lib/series";
import { StatusBadge } from "../ui/status-badge";
import { Sparkline } from "./sparkline";

export function ExperimentRow({
  view,
  strategyTitle,
}: {
  readonly view: ExperimentView;
  readonly strategyTitle: string;
}) {
  const { config, clients, rounds, round, status } = view;
  const accuracies = rounds.flatMap(({ metrics }) => metrics["accuracy/mean"] ?? []);
  const accuracy = latestAccuracy(rounds);
  const present = clients.filter((c) => c.status !== "away" && c.status !== "left").length;
  return (
    <li className="relative grid items-center gap-x-6 gap-y-3 px-5 py-5 transition-colors hover:bg-sunken/50 sm:px-6 md:grid-cols-[minmax(0,1fr)_8rem_11rem_12rem]">
      <div className="min-w-0">
        <Link
          href={`/experiments/${view.id}`}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-offset-4"
        >
          {config.name}
        </Link>
        <p className="mt-0.5 truncate text-sm text-ink-soft">
          {strategyTitle} on {config.dataset}
        </p>
      </div>
      <div>
        <StatusBadge status={status} />
      </div>
      <div>
        <p className="text-sm text-ink-soft">
          <span className="figures text-ink">
            {round}/{config.rounds}
          </span>{" "}
          rounds, {plural(present, "client")}
        </p>
        <RoundTicks done={Math.min(round, config.rounds)} total={config.rounds} />
      </div>
      <div className="flex items-center gap-3 md:justify-end">
        <Sparkline values={accuracies} />
        <span className="figures text-sm">
          {accuracy === undefined ? (
            <span className="font-sans text-ink-faint">No accuracy yet</span>
          ) : (
            formatPercent(accuracy)
          )}
        </span>
      </div>
    </li>
  );
}

function RoundTicks({ done, total }: { readonly done: number; readonly total: number }) {
  return (
    <div aria-hidden="true" className="mt-2 h-1 w-full overflow-hidden rounded-full bg-sunken">
      <div
        className="h-full rounded-full bg-clients"
        style={{ width: `${(done / total) * 100}%` }}
      />
    </div>
  );
}

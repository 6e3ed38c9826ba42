import { formatPercent, plural } from "@tandem/core/format";
import type { ExperimentView } from "@tandem/protocol/view";
import Link from "next/link";
import { present } from "../../lib/live/presence";
import { latestAccuracy } from "../../lib/live/series";
import { measureText } from "../../lib/measured-on";
import { StatusBadge } from "../ui/status-badge";
import { Sparkline } from "./sparkline";

type Props = {
  readonly view: ExperimentView;
  readonly strategyTitle: string;
  readonly taskName: string;
};

export function ExperimentRow({ view, strategyTitle, taskName }: Props) {
  const { config, rounds } = view;
  const accuracies = rounds.flatMap(({ metrics }) => metrics["accuracy/mean"] ?? []);
  const accuracy = latestAccuracy(rounds);
  const ended = rounds.filter(({ endedAt }) => endedAt !== undefined).length;
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-4 px-5 py-5 transition-colors hover:bg-sunken/50 sm:px-6 md:grid-cols-[minmax(0,1fr)_7rem_14rem_13rem]">
      <div className="min-w-0">
        <Link
          href={`/experiments/${view.id}`}
          className="font-medium break-words after:absolute after:inset-0"
        >
          {config.name}
        </Link>
        <p className="mt-0.5 truncate text-sm text-ink-soft">
          {strategyTitle} on {taskName}
        </p>
      </div>
      <div className="self-start md:self-auto">
        <StatusBadge status={view.status} />
      </div>
      <div className="col-span-2 md:col-span-1">
        <p className="figures text-sm text-ink-soft">{progressText(view)}</p>
        <RoundTicks done={ended} total={config.rounds} />
      </div>
      <div className="col-span-2 flex items-center gap-3 md:col-span-1 md:justify-end">
        {accuracy === undefined ? (
          <span className="text-sm text-ink-faint">Not measured yet</span>
        ) : (
          <>
            <Sparkline values={accuracies} />
            <p className="md:w-24 md:text-right">
              <span className="figures text-sm font-medium">{formatPercent(accuracy)}</span>
              <span className="block text-xs text-ink-faint">
                mean accuracy{view.measuredOn && `, ${measureText[view.measuredOn]}`}
              </span>
            </p>
          </>
        )}
      </div>
    </li>
  );
}

function progressText({ status, round, config, clients }: ExperimentView): string {
  const took = plural(clients.length, "client");
  const here = plural(present(clients).length, "client");
  if (status === "draft") return plural(config.rounds, "round");
  if (status === "finished") return `${plural(config.rounds, "round")}, ${took}`;
  return `Round ${round} of ${config.rounds}, ${here} here`;
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

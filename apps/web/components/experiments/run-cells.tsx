import { formatDay, formatPercent } from "@tandem/core/format";
import type { RunRow } from "@tandem/protocol/experiment-list";
import Link from "next/link";
import { measureText } from "../../lib/measured-on";
import { text } from "../../text/experiments";
import { Tags } from "../runs/tags";
import { StatusBadge } from "../ui/status-badge";
import { SelectCell } from "./select-cell";
import type { Names, Selecting } from "./selecting";
import { Sparkline } from "./sparkline";
import { StartRuns } from "./start-runs";

type Props = Selecting & {
  readonly run: RunRow;
  readonly names: Names;
  /** Within a group. */
  readonly isMember?: boolean;
};

/** The row of one experiment, which leads to its page. */
export function RunCells({ run, names, isMember = false, ...selecting }: Props) {
  const strategy = names.strategies.find(({ value }) => value === run.strategy)?.text;
  const task = names.tasks.find(({ value }) => value === run.dataset)?.text;
  return (
    <tr className="relative align-top transition-colors hover:bg-sunken/50">
      <SelectCell label={text.select(run.name)} runs={[run]} {...selecting} />
      <th scope="row" className={`py-3 pr-4 font-normal ${isMember ? "pl-7" : ""}`}>
        <Link
          href={`/experiments/${run.id}`}
          className="font-medium break-words after:absolute after:inset-0"
        >
          {run.name}
        </Link>
        <p className="mt-0.5 truncate text-ink-soft">
          {text.strategyOn(strategy ?? run.strategy, task ?? run.dataset)}
        </p>
        <p className="mt-0.5 text-xs text-ink-soft lg:hidden">{progressText(run)}</p>
        <div
          className={`mt-2 flex flex-wrap items-center gap-1.5 ${run.archived || run.tags.length > 0 ? "" : "md:hidden"}`}
        >
          <span className="inline-flex items-center gap-2 md:hidden">
            <StatusBadge status={run.status} />
            <StartRuns runs={[run]} label={text.startOne(run.name)} />
          </span>
          {run.archived && (
            <span className="rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-soft">
              {text.archivedMark}
            </span>
          )}
          <Tags tags={run.tags} />
        </div>
      </th>
      <td className="py-3 pr-4 max-md:hidden">
        <span className="flex flex-wrap items-center gap-2">
          <StatusBadge status={run.status} />
          <StartRuns runs={[run]} label={text.startOne(run.name)} />
        </span>
      </td>
      <td className="py-3 pr-4 max-lg:hidden">
        <p className="tabular-nums text-ink-soft">{progressText(run)}</p>
        <RoundTicks done={run.ended} total={run.rounds} />
      </td>
      <td className="py-3 pr-4">
        <Accuracy {...run} />
      </td>
      <td className="figures py-3 pr-4 text-ink-soft max-lg:hidden">{formatDay(run.createdAt)}</td>
    </tr>
  );
}

function Accuracy({ accuracy, curve, measuredOn }: RunRow) {
  if (accuracy === undefined)
    return <span className="text-sm text-ink-faint">{text.unmeasured}</span>;
  return (
    <div className="flex items-start gap-3">
      <p className="w-28 shrink-0">
        <span className="figures font-medium">{formatPercent(accuracy)}</span>
        <span className="block text-xs text-ink-faint">
          {measuredOn ? text.meanOf(measureText[measuredOn]) : text.mean}
        </span>
      </p>
      <span className="max-sm:hidden">
        <Sparkline values={curve} />
      </span>
    </div>
  );
}

function progressText({ status, round, rounds, clients, here }: RunRow): string {
  if (status === "draft") return text.planned(rounds);
  if (status === "finished") return text.over(rounds, clients);
  return text.underWay(round, rounds, here);
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

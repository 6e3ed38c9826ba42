"use client";

import {
  type ListEntry,
  type RunRow,
  type SortColumn,
  sortColumns,
} from "@tandem/protocol/experiment-list";
import { ArrowDown, ArrowUp } from "lucide-react";
import { text } from "../../text/experiments";
import { GroupRows } from "./group-rows";
import { RunCells } from "./run-cells";
import { SelectCell } from "./select-cell";
import type { Names, Selecting } from "./selecting";

type Props = Selecting & {
  readonly entries: readonly ListEntry[];
  readonly rows: readonly RunRow[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly names: Names;
  /** Shown open at first. */
  readonly openGroup: string | undefined;
};

const widths: Readonly<Record<SortColumn, string>> = {
  name: "",
  status: "w-44 max-md:hidden",
  rounds: "w-44 max-lg:hidden",
  accuracy: "w-32 sm:w-60",
  created: "w-28 max-lg:hidden",
};
/** The way that a column is sorted first. */
const isDownFirst: readonly SortColumn[] = ["rounds", "accuracy", "created"];

export function RunTable({ entries, rows, sort, onSort, names, openGroup, ...selecting }: Props) {
  const down = sort.startsWith("-");
  const column = down ? sort.slice(1) : sort;
  const next = (of: SortColumn) => {
    if (column === of) return down ? of : `-${of}`;
    return isDownFirst.includes(of) ? `-${of}` : of;
  };
  return (
    <div className="overflow-hidden rounded-2xl border border-line bg-surface">
      <table className="w-full table-fixed border-collapse text-left text-sm">
        <caption className="sr-only">{text.title}</caption>
        <thead>
          <tr className="border-b border-line">
            <SelectCell label={text.selectAll} runs={rows} as="th" {...selecting} />
            {sortColumns.map((of) => (
              <th
                key={of}
                scope="col"
                aria-sort={column !== of ? "none" : down ? "descending" : "ascending"}
                className={`py-1 pr-4 font-medium ${widths[of]}`}
              >
                <button
                  type="button"
                  onClick={() => onSort(next(of))}
                  className="inline-flex min-h-10 items-center gap-1 rounded-md text-xs text-ink-soft hover:text-ink"
                >
                  {text.columns[of]}
                  {column === of && <Arrow down={down} />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        {entries.map((entry) =>
          entry.kind === "run" ? (
            <tbody key={entry.run.id} className="border-t border-line first-of-type:border-t-0">
              <RunCells run={entry.run} names={names} {...selecting} />
            </tbody>
          ) : (
            <GroupRows
              key={`group ${entry.name}`}
              group={entry}
              names={names}
              isOpenFirst={entry.name === openGroup}
              {...selecting}
            />
          ),
        )}
      </table>
    </div>
  );
}

const Arrow = ({ down }: { readonly down: boolean }) => {
  const Icon = down ? ArrowDown : ArrowUp;
  return <Icon aria-hidden="true" className="size-3.5" />;
};

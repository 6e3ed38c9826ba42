"use client";

import { experimentStatuses } from "@tandem/core/experiment";
import { formatDay } from "@tandem/core/format";
import type { ListEntry, RunRow, SettingRows } from "@tandem/protocol/experiment-list";
import { useState } from "react";
import { text } from "../../text/experiments";
import { ChevronRight } from "../ui/icons";
import { RunCells } from "./run-cells";
import { SelectCell } from "./select-cell";
import type { Names, Selecting } from "./selecting";
import { StartRuns } from "./start-runs";

type Props = Selecting & {
  readonly group: Extract<ListEntry, { readonly kind: "group" }>;
  readonly names: Names;
  readonly isOpenFirst: boolean;
};

/** A group in one row; below it, once it is open, its settings with their runs. */
export function GroupRows({ group, names, isOpenFirst, ...selecting }: Props) {
  const [isOpen, setIsOpen] = useState(isOpenFirst);
  const { name, settings } = group;
  const runs = settings.flatMap((one) => one.runs);
  const measured = settings.filter(({ mean }) => mean !== undefined);
  const best = measured.toSorted((a, b) => (b.mean ?? 0) - (a.mean ?? 0)).at(0);
  const start = <StartRuns runs={runs} label={text.group.startAllOf(name)} isGroup />;
  return (
    <tbody className="border-t border-line first-of-type:border-t-0">
      <tr className="align-top transition-colors hover:bg-sunken/50">
        <SelectCell label={text.select(name)} runs={runs} {...selecting} />
        <th scope="row" className="py-3 pr-4 font-normal">
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
            className="flex min-w-0 items-start gap-1.5 text-left font-medium"
          >
            <ChevronRight
              className={`mt-0.5 size-4 shrink-0 text-ink-faint transition-transform ${isOpen ? "rotate-90" : ""}`}
            />
            <span className="min-w-0 break-words">{name}</span>
          </button>
          <p className="mt-0.5 pl-5.5 text-ink-soft">
            {text.group.size(runs.length, settings.length)}
          </p>
          <div className="mt-1 pl-5.5 md:hidden">
            <p className="text-xs text-ink-soft">{standingOf(runs)}</p>
            <div className="mt-2 empty:hidden">{start}</div>
          </div>
        </th>
        <td className="py-3 pr-4 text-ink-soft max-md:hidden">
          {standingOf(runs)}
          <div className="mt-2 empty:hidden lg:hidden">{start}</div>
        </td>
        <td className="py-3 pr-4 max-lg:hidden">{start}</td>
        <td className="py-3 pr-4">
          <Spread of={best} note={settings.length > 1 ? text.group.best : undefined} />
        </td>
        <td className="figures py-3 pr-4 text-ink-soft max-lg:hidden">
          {formatDay(Math.max(...runs.map(({ createdAt }) => createdAt)))}
        </td>
      </tr>
      {isOpen &&
        settings.map((setting) => (
          <SettingPart key={setting.runs[0].id} {...{ setting, names, ...selecting }} />
        ))}
    </tbody>
  );
}

function SettingPart({
  setting,
  names,
  ...selecting
}: Selecting & { readonly setting: SettingRows; readonly names: Names }) {
  const label = setting.label || text.group.only;
  return (
    <>
      <tr className="border-t border-line bg-sunken/40 align-top">
        <SelectCell label={text.select(label)} runs={setting.runs} {...selecting} />
        <th scope="row" className="py-3 pr-4 pl-5.5 text-sm font-medium break-words">
          {label}
        </th>
        <td className="max-md:hidden" />
        <td className="max-lg:hidden" />
        <td className="py-3 pr-4">
          <Spread of={setting} note={undefined} />
        </td>
        <td className="max-lg:hidden" />
      </tr>
      {setting.runs.map((run) => (
        <RunCells key={run.id} run={run} names={names} isMember {...selecting} />
      ))}
    </>
  );
}

/** Mean and deviation over seeds. */
function Spread({
  of,
  note,
}: {
  readonly of: SettingRows | undefined;
  readonly note: string | undefined;
}) {
  if (of?.mean === undefined)
    return <span className="text-ink-faint">{text.group.unmeasured}</span>;
  return (
    <p>
      <span className="figures font-medium">{text.group.spread(of.mean, of.std)}</span>
      <span className="block text-xs text-ink-faint">
        {[text.group.seeds(of.measured), note].filter(Boolean).join(", ")}
      </span>
    </p>
  );
}

const standingOf = (runs: readonly RunRow[]): string =>
  experimentStatuses
    .map((status) => ({ status, count: runs.filter((run) => run.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => text.group.standing(count, status))
    .join(", ");

"use client";

import type { ClientView, ExperimentView } from "@tandem/protocol/view";
import {
  type Column,
  flexRender,
  getCoreRowModel,
  getFilteredRowModel,
  getPaginationRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useId, useState } from "react";
import { takesPart } from "../../lib/live/presence";
import { text } from "../../text/experiment";
import { For } from "../account/visitor";
import { inputLook } from "../form/field-input";
import { Pager } from "../ui/pager";
import { Empty } from "../ui/panel";
import { cohortColumns, numericColumns } from "./cohort-columns";
import { RemoveClient } from "./remove-client";

const ariaSort = { asc: "ascending", desc: "descending" } as const;

/** The client's name stays in sight while the rest scrolls sideways. */
const cell = (column: Column<ClientView>) =>
  `whitespace-nowrap last:pr-5 sm:last:pr-6 first:sticky first:left-0 first:z-10 first:bg-surface first:pl-5 sm:first:pl-6 ${
    numericColumns.has(column.id) ? "pr-8 text-right" : "pr-5"
  }`;

const words = text.clients;
const pageSize = 20;

type Props = {
  readonly view: Pick<ExperimentView, "id" | "status" | "clients">;
  /** Rows that are given room from the start, so that who joins moves nothing below. */
  readonly expected: number;
};

export function CohortTable({ view, expected }: Props) {
  const { id: experiment, status, clients } = view;
  const [sorting, setSorting] = useState<SortingState>([]);
  const table = useReactTable({
    data: clients as ClientView[], // the table does not write to it
    columns: cohortColumns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: (client) => client.id,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getFilteredRowModel: getFilteredRowModel(),
    getPaginationRowModel: getPaginationRowModel(),
    // What a client reports moves nobody to another page.
    autoResetPageIndex: false,
    globalFilterFn: "includesString",
    initialState: { pagination: { pageIndex: 0, pageSize } },
  });
  const minHeight = 38 + Math.min(expected, 8) * 57; // header and rows
  if (clients.length === 0)
    return (
      <Empty title={words.none} style={{ minHeight }}>
        {words.noneText}
      </Empty>
    );
  const { pageIndex } = table.getState().pagination;
  const found = table.getFilteredRowModel().rows.length;
  return (
    <>
      {clients.length > pageSize && (
        <Find
          found={found}
          value={String(table.getState().globalFilter ?? "")}
          onChange={(wanted) => {
            table.setGlobalFilter(wanted);
            table.setPageIndex(0);
          }}
        />
      )}
      <section
        aria-label={words.scrolls}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
        tabIndex={0}
        className="relative -mx-5 overflow-x-auto sm:-mx-6"
        style={{ minHeight }}
      >
        <table className="w-full text-left text-sm">
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} className="border-b border-line">
                {group.headers.map(({ id, column, getContext }) => {
                  const sorted = column.getIsSorted();
                  return (
                    <th
                      key={id}
                      scope="col"
                      aria-sort={sorted ? ariaSort[sorted] : "none"}
                      className={`${cell(column)} pb-2 font-normal`}
                    >
                      <button
                        type="button"
                        onClick={column.getToggleSortingHandler()}
                        className="inline-flex items-center gap-1 py-1 text-xs text-ink-soft hover:text-ink [&_svg]:size-3"
                      >
                        {flexRender(column.columnDef.header, getContext())}
                        {sorted === "asc" && <ArrowUp aria-hidden="true" />}
                        {sorted === "desc" && <ArrowDown aria-hidden="true" />}
                      </button>
                    </th>
                  );
                })}
                <th scope="col" className="pb-2 font-normal">
                  <span className="sr-only">{words.remove}</span>
                </th>
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr key={row.id} className="border-b border-line last:border-0">
                {row.getVisibleCells().map(({ id, column, getContext }) => (
                  <td key={id} className={`${cell(column)} py-2.5`}>
                    {flexRender(column.columnDef.cell, getContext())}
                  </td>
                ))}
                <td className="py-1.5 pr-3 text-right sm:pr-4">
                  {status !== "finished" && takesPart(row.original) && (
                    <For who="researcher">
                      <RemoveClient experiment={experiment} client={row.original} />
                    </For>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager
        what={words.title}
        page={pageIndex}
        size={pageSize}
        count={found}
        onChange={(page) => table.setPageIndex(page)}
      />
    </>
  );
}

function Find({
  found,
  value,
  onChange,
}: {
  readonly found: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="mb-4 flex flex-wrap items-center gap-3 text-sm">
      <label htmlFor={id} className="sr-only">
        {words.find}
      </label>
      <input
        id={id}
        type="search"
        placeholder={words.find}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        className={`${inputLook} h-10 max-w-60`}
      />
      <span role="status" className="figures text-ink-soft">
        {words.found(found)}
      </span>
    </div>
  );
}

"use client";

import type { ClientView } from "@tandem/protocol/view";
import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { Empty } from "../ui/panel";
import { cohortColumns } from "./cohort-columns";

const ariaSort = { asc: "ascending", desc: "descending" } as const;

export function CohortTable({ clients }: { readonly clients: readonly ClientView[] }) {
  const [sorting, setSorting] = useState<SortingState>([]);
  const table = useReactTable({
    data: clients as ClientView[], // the table does not write to it
    columns: cohortColumns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: (client) => client.id,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  if (clients.length === 0)
    return (
      <Empty title="No client yet">
        Open the join page in a few tabs. Each appears here as soon as it is connected.
      </Empty>
    );
  return (
    <section
      aria-label="Clients, scrolls sideways"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
      tabIndex={0}
      className="-mx-5 overflow-x-auto px-5 sm:-mx-6 sm:px-6"
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
                    className="pr-5 pb-2 font-normal whitespace-nowrap last:pr-0"
                  >
                    <button
                      type="button"
                      onClick={column.getToggleSortingHandler()}
                      className="inline-flex items-center gap-1 text-xs text-ink-soft hover:text-ink [&_svg]:size-3"
                    >
                      {flexRender(column.columnDef.header, getContext())}
                      {sorted === "asc" && <ArrowUp aria-hidden="true" />}
                      {sorted === "desc" && <ArrowDown aria-hidden="true" />}
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="border-b border-line last:border-0">
              {row.getVisibleCells().map(({ id, column, getContext }) => (
                <td key={id} className="py-3 pr-5 whitespace-nowrap last:pr-0">
                  {flexRender(column.columnDef.cell, getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

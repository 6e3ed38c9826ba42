"use client";

import { type ExperimentListView, type RunRow, rowsOf } from "@tandem/protocol/experiment-list";
import { useRouter } from "next/navigation";
import { useMemo, useState, useTransition } from "react";
import { text } from "../../text/experiments";
import { Button } from "../ui/button";
import { Empty } from "../ui/panel";
import { BulkBar } from "./bulk-bar";
import { ListFilters } from "./list-filters";
import { RunTable } from "./run-table";
import type { Choice } from "./selecting";

type Props = {
  readonly view: ExperimentListView;
  /** Of the address. */
  readonly query: string;
  readonly strategies: readonly Choice[];
  readonly tasks: readonly Choice[];
};

/** What the address asks for, and what can be done with some of it. */
export function ExperimentList({ view, query, strategies, tasks }: Props) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const [selected, setSelected] = useState<ReadonlyMap<string, RunRow>>(new Map());
  const rows = useMemo(() => view.entries.flatMap(rowsOf), [view]);
  const wanted = new URLSearchParams(query);
  const show = (next: URLSearchParams) =>
    startTransition(() => router.replace(`/?${next}`, { scroll: false }));
  const turnTo = (page: number) => {
    const next = new URLSearchParams(wanted);
    next.set("page", String(page));
    show(next);
  };
  const select = (some: readonly RunRow[], isIn: boolean) =>
    setSelected((before) => {
      const after = new Map(before);
      for (const run of some)
        if (isIn) after.set(run.id, run);
        else after.delete(run.id);
      return after;
    });
  const chosen = [...selected.values()].map((one) => rows.find(({ id }) => id === one.id) ?? one);
  return (
    <>
      <ListFilters
        wanted={wanted}
        onChange={show}
        {...{ strategies, tasks, tags: view.tags, groups: view.groups }}
      />
      <p role="status" className="mb-3 text-sm text-ink-soft">
        {text.count(view.found)}
      </p>
      {view.entries.length === 0 ? (
        <Empty title={text.none.title}>{text.none.hint}</Empty>
      ) : (
        <div aria-busy={isPending} className="transition-opacity aria-busy:opacity-60">
          <RunTable
            entries={view.entries}
            rows={rows}
            sort={wanted.get("sort") ?? "-created"}
            onSort={(sort) => {
              const next = new URLSearchParams(wanted);
              next.delete("page");
              next.set("sort", sort);
              show(next);
            }}
            selected={selected}
            onSelect={select}
            names={{ strategies, tasks }}
            openGroup={wanted.get("group") ?? undefined}
          />
        </div>
      )}
      {view.pages > 1 && <Pages {...view} onTurn={turnTo} />}
      <BulkBar chosen={chosen} onClear={() => setSelected(new Map())} tags={view.tags} />
    </>
  );
}

function Pages({
  page,
  pages,
  onTurn,
}: Pick<ExperimentListView, "page" | "pages"> & { readonly onTurn: (page: number) => void }) {
  return (
    <nav aria-label={text.pages.label} className="mt-5 flex items-center gap-3">
      <Button disabled={page === 1} onClick={() => onTurn(page - 1)}>
        {text.pages.previous}
      </Button>
      <p className="figures text-sm text-ink-soft">{text.pages.of(page, pages)}</p>
      <Button disabled={page === pages} onClick={() => onTurn(page + 1)}>
        {text.pages.next}
      </Button>
    </nav>
  );
}

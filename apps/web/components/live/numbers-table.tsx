"use client";

import { useState } from "react";
import type { Series } from "../../lib/live/series";
import { text } from "../../text/charts";
import { Pager } from "../ui/pager";

type Props = {
  readonly title: string;
  readonly rounds: readonly number[];
  readonly series: readonly Series[];
  readonly valueText: (value: number | null | undefined) => string;
};

const pageSize = 50;

/** What a chart shows, in numbers: a page of rounds at a time, the latest first. */
export function NumbersTable({ title, rounds, series, valueText }: Props) {
  const [page, setPage] = useState(0);
  const indices = rounds.map((_, i) => rounds.length - 1 - i);
  return (
    <>
      <section
        aria-label={text.asNumbers(title)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
        tabIndex={0}
        className="h-57 overflow-auto"
      >
        <table className="w-full text-left text-sm">
          <caption className="sr-only">{text.byRound(title)}</caption>
          <thead>
            <tr className="border-b border-line text-xs text-ink-soft">
              <th scope="col" className="py-1.5 font-normal">
                {text.round}
              </th>
              {series.map(({ label }) => (
                <th key={label} scope="col" className="py-1.5 pl-3 text-right font-normal">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="figures">
            {indices.slice(page * pageSize, (page + 1) * pageSize).map((i) => (
              <tr key={rounds[i]} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 font-normal">
                  {rounds[i]}
                </th>
                {series.map(({ label, values }) => (
                  <td key={label} className="py-1.5 pl-3 text-right">
                    {valueText(values[i])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Pager what={title} page={page} size={pageSize} count={rounds.length} onChange={setPage} />
    </>
  );
}

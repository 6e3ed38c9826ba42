"use client";

import { formatBytes, formatDuration, formatNumber, formatPercent } from "@tandem/core/format";
import { none, signed } from "@tandem/evaluation/sample-text";
import type { Sample } from "@tandem/evaluation/statistics";
import type { ReactNode } from "react";
import type { Drawn } from "../../lib/compare/drawn";
import type { Figures } from "../../lib/compare/figures";
import { notesOf } from "../../lib/compare/notes";
import { modalitiesOf } from "../../lib/compare/tables";
import { text } from "../../text/compare";
import { Panel } from "../ui/panel";
import { ArmMark } from "./arm-mark";
import { ExportTable } from "./export-table";

const words = text.results;

type Props = {
  readonly drawn: readonly Drawn[];
  /** Of each of `drawn` in turn. */
  readonly figures: readonly Figures[];
};

/** A row an arm: what it has reached, how it differs from the baseline, and what it has cost. */
export function ResultsPanel({ drawn, figures }: Props) {
  const pinned = drawn.find(({ isPinned }) => isPinned)?.arm.name;
  const there = modalitiesOf(figures);
  const hasSeeds = drawn.some(({ arm }) => arm.runs.length > 1);
  return (
    <Panel
      title={words.title}
      description={[words.note, hasSeeds && words.interval].filter(Boolean).join(" ")}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it */}
      <section aria-label={words.table} tabIndex={0} className="overflow-x-auto">
        <table className="w-full text-left text-sm">
          <caption className="sr-only">{words.table}</caption>
          <thead>
            <tr className="border-b border-line align-bottom text-xs text-ink-soft">
              <th scope="col" className="py-2 font-normal">
                {words.run}
              </th>
              <Head>{words.n}</Head>
              <Head>{words.accuracy}</Head>
              {there.map((name) => (
                <Head key={name}>{words.modality[name]}</Head>
              ))}
              <Head>{words.worst}</Head>
              {pinned !== undefined && <Head>{words.difference(pinned)}</Head>}
              <Head>{words.rounds}</Head>
              <Head note={words.ofClient}>{words.up}</Head>
              <Head note={words.ofClient}>{words.down}</Head>
              <Head>{words.time}</Head>
            </tr>
          </thead>
          <tbody>
            {figures.map((one, i) => (
              <Row key={one.arm.id} drawn={drawn[i]} figures={one} there={there} pinned={pinned} />
            ))}
          </tbody>
        </table>
      </section>
      <p className="mt-3 max-w-prose text-xs text-ink-soft">
        {[
          ...notesOf(drawn.map(({ arm }) => arm)),
          words.worstNote,
          pinned === undefined ? words.pinFirst : words.differenceNote,
        ].join(" ")}
      </p>
      <ExportTable figures={figures} pinned={pinned} />
    </Panel>
  );
}

function Row({
  drawn: { number, look, isPinned },
  figures: one,
  there,
  pinned,
}: {
  readonly drawn: Drawn;
  readonly figures: Figures;
  readonly there: ReturnType<typeof modalitiesOf>;
  readonly pinned: string | undefined;
}) {
  return (
    <tr
      className={`border-b border-line align-top last:border-0 ${isPinned ? "bg-sunken/60" : ""}`}
    >
      <th scope="row" className="max-w-64 min-w-36 py-2.5 pr-2 font-normal">
        <span className="flex items-center gap-2">
          <ArmMark number={number} look={look} />
          <span className={`break-words ${isPinned ? "font-medium" : ""}`}>{one.arm.name}</span>
        </span>
      </th>
      <Cell>{words.seeds(one.accuracy?.count ?? 0, one.arm.runs.length)}</Cell>
      <SampleCell sample={one.accuracy} format={formatPercent} />
      {there.map((name) => (
        <SampleCell key={name} sample={one.byModality[name]} format={formatPercent} />
      ))}
      <SampleCell sample={one.worst} format={formatPercent} />
      {pinned !== undefined && <DifferenceCell of={one} />}
      <SampleCell sample={one.rounds} format={formatNumber} isPlain />
      <SampleCell sample={one.up} format={formatBytes} isPlain />
      <SampleCell sample={one.down} format={formatBytes} isPlain />
      <SampleCell sample={one.ms} format={formatDuration} isPlain />
    </tr>
  );
}

const Head = ({ children, note }: { readonly children: ReactNode; readonly note?: string }) => (
  <th scope="col" className="py-2 pl-4 text-right font-normal">
    {children}
    {note && <span className="block text-ink-faint">{note}</span>}
  </th>
);

const Cell = ({ children, note }: { readonly children: ReactNode; readonly note?: string }) => (
  <td className="figures py-2.5 pl-4 text-right">
    {children}
    {note && <span className="block text-xs text-ink-soft">{note}</span>}
  </td>
);

/** Mean and, unless `isPlain`, interval. */
function SampleCell({
  sample,
  format,
  isPlain = false,
}: {
  readonly sample: Sample | undefined;
  readonly format: (value: number) => string;
  readonly isPlain?: boolean;
}) {
  if (!sample) return <Cell>{none}</Cell>;
  const { interval } = sample;
  const range = interval && words.range(format(interval[0]), format(interval[1]));
  return <Cell {...(range && !isPlain && { note: range })}>{format(sample.mean)}</Cell>;
}

function DifferenceCell({ of: { difference } }: { readonly of: Figures }) {
  if (!difference) return <Cell>{none}</Cell>;
  const { mean, interval, pairs } = difference;
  const range = interval && `${words.range(signed(interval[0]), signed(interval[1]))}, `;
  const how = pairs === 0 ? words.unpaired : words.paired(pairs);
  return <Cell note={`${range ?? ""}${how}`}>{signed(mean)}</Cell>;
}

import { formula } from "@tandem/core/csv";
import { formatBytes, formatDuration, formatNumber } from "@tandem/core/format";
import { none, share, signed } from "@tandem/evaluation/sample-text";
import type { Sample } from "@tandem/evaluation/statistics";
import { latexTable, latexText, markdownTable, markdownText } from "@tandem/evaluation/tables";
import papa from "papaparse"; // CommonJS
import { text } from "../../text/compare";
import { type Figures, modalities } from "./figures";

/** Those of them that any arm has. */
export const modalitiesOf = (figures: readonly Figures[]) =>
  modalities.filter((name) => figures.some(({ byModality }) => byModality[name]));

export const tableFormats = ["csv", "markdown", "latex"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** The table as a file of that format; `pinned` is the baseline's name. */
export function tableAs(
  format: TableFormat,
  figures: readonly Figures[],
  pinned: string | undefined,
): string {
  if (format === "csv") return asCsv(figures, pinned);
  const [tabled, cell] =
    format === "markdown" ? [markdownTable, markdownText] : [latexTable, latexText];
  const { head, rows } = cellsOf(figures, pinned);
  return tabled(
    head.map(cell),
    rows.map((row) => row.map(cell)),
  );
}

export const tableFiles: Readonly<
  Record<TableFormat, { readonly extension: string; readonly type: string }>
> = {
  csv: { extension: "csv", type: "text/csv;charset=utf-8" },
  markdown: { extension: "md", type: "text/markdown;charset=utf-8" },
  latex: { extension: "tex", type: "application/x-tex;charset=utf-8" },
};

/** As texts for people. */
function cellsOf(figures: readonly Figures[], pinned: string | undefined) {
  const there = modalitiesOf(figures);
  const { head } = text.exports;
  const of = (sample: Sample | undefined, format: (value: number) => string) =>
    sample ? format(sample.mean) : none;
  return {
    head: [
      ...[head.run, text.results.n, head.accuracy],
      ...there.map((name) => head.modality[name]),
      head.worst,
      ...(pinned === undefined ? [] : [head.difference(pinned)]),
      ...[text.results.rounds, head.up, head.down, text.results.time],
    ],
    rows: figures.map((one) => [
      one.arm.name,
      text.results.seeds(one.accuracy?.count ?? 0, one.arm.runs.length),
      share(one.accuracy),
      ...there.map((name) => share(one.byModality[name])),
      share(one.worst),
      ...(pinned === undefined ? [] : [differenceText(one)]),
      of(one.rounds, formatNumber),
      of(one.up, formatBytes),
      of(one.down, formatBytes),
      of(one.ms, formatDuration),
    ]),
  };
}

function differenceText({ difference }: Figures): string {
  if (!difference) return none;
  const { mean, interval, pairs } = difference;
  const range = interval && text.results.range(signed(interval[0]), signed(interval[1]));
  const notes = [...(range ? [range] : []), ...(pairs === 0 ? [text.results.unpaired] : [])];
  return notes.length === 0 ? signed(mean) : `${signed(mean)} (${notes.join(", ")})`;
}

/** Numbers as they are, for programs: shares 0-1, bytes, seconds. A formula is marked as text. */
function asCsv(figures: readonly Figures[], pinned: string | undefined): string {
  const spread = (name: string, sample: Sample | undefined) => ({
    [`${name}_mean`]: sample?.mean,
    [`${name}_std`]: sample?.std,
    [`${name}_low`]: sample?.interval?.[0],
    [`${name}_high`]: sample?.interval?.[1],
  });
  const there = modalitiesOf(figures);
  const rows = figures.map((one) => ({
    run: one.arm.name,
    ids: one.arm.runs.map(({ id }) => id).join(" "),
    seeds: one.arm.runs.map(({ config }) => config.seed).join(" "),
    n: one.accuracy?.count ?? 0,
    ...spread("accuracy", one.accuracy),
    ...Object.assign({}, ...there.map((name) => spread(name, one.byModality[name]))),
    ...spread("worst_tenth", one.worst),
    ...(pinned !== undefined && { baseline: pinned, ...differenceColumns(one) }),
    rounds: one.rounds?.mean,
    bytes_up_per_client_round: one.up?.mean,
    bytes_down_per_client_round: one.down?.mean,
    bytes_total: one.bytes?.mean,
    seconds: one.ms && one.ms.mean / 1000,
  }));
  return `${papa.unparse(rows, { escapeFormulae: formula })}\r\n`;
}

const differenceColumns = ({ difference }: Figures) => ({
  difference_mean: difference?.mean,
  difference_low: difference?.interval?.[0],
  difference_high: difference?.interval?.[1],
  difference_pairs: difference?.pairs,
});

import { formula } from "@tandem/core/csv";
import type { CsvLayout } from "@tandem/protocol/experiment-export";
import papa from "papaparse"; // CommonJS: Node sees no named exports
import { type MetricRow, metricRows } from "./metric-rows";
import type { Run } from "./run";

const keys = ["round", "client", "place"] as const;
const rowsAtOnce = 1000;

/**
 * RFC 4180. Long: a row for each round, client and metric; wide: one for each round and client, with a
 * column for each metric in the order of their names. `client` and `place` are empty for a round as a whole.
 */
export function* csvOf(run: Run, layout: CsvLayout): Generator<string> {
  const rows = metricRows(run);
  const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const fields = layout === "long" ? [...keys, "metric", "value"] : [...keys, ...names];
  yield lineOf([fields]);
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce);
    yield lineOf(
      layout === "long"
        ? some.flatMap((row) =>
            Object.entries(row.metrics).map(([name, value]) => [...keysOf(row), name, value]),
          )
        : some.map((row) => [...keysOf(row), ...names.map((name) => row.metrics[name] ?? "")]),
    );
  }
}

/** `{"kind": "round", …}` for each round, with how it went, and `{"kind": "client", …}` for each answer to it. */
export function* jsonLinesOf(run: Run): Generator<string> {
  const clients = new Map(run.clients.map((client) => [client.id, client]));
  for (const { round, client, place, at, metrics } of metricRows(run)) {
    const known = client && clients.get(client);
    const line = client
      ? {
          ...{ kind: "client", round, client, place, metrics },
          ...(known && { modality: known.modality, architecture: known.architecture }),
          ...(known && { samples: known.samples }),
        }
      : { kind: "round", round, at: new Date(at).toISOString(), metrics };
    yield `${JSON.stringify(line)}\n`;
  }
}

const keysOf = ({ round, client, place }: MetricRow) => [round, client ?? "", place ?? ""];

/** A spreadsheet would reckon with a text that begins like a formula. */
const lineOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.length === 0
    ? ""
    : `${papa.unparse(rows as (string | number)[][], { escapeFormulae: formula })}\r\n`;

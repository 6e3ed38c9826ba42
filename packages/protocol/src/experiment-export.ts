import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";

/** How an experiment can be taken along: its metrics, or all that it is. */
export const exportFormats = ["csv", "jsonl", "tensorboard", "archive"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Of CSV: a row for each metric, or a column. */
export const csvLayouts = ["long", "wide"] as const;
export type CsvLayout = (typeof csvLayouts)[number];

/** Endings of the files' names. */
export const exportEndings = {
  csv: "csv",
  jsonl: "jsonl",
  tensorboard: "tensorboard.zip",
  archive: "tandem.zip",
} as const satisfies Readonly<Record<ExportFormat, string>>;

export const exportQuery = z
  .strictObject({
    format: z.enum(exportFormats),
    layout: z.exactOptional(z.enum(csvLayouts)),
  })
  .check(
    z.refine(
      ({ format, layout }) => layout === undefined || format === "csv",
      "layout: only CSV has one",
    ),
  );

/** Query of the route that exports an experiment; throws `bad-config` naming what is wrong. */
export const parseExportQuery = (input: unknown) => parsedBy(exportQuery, input);

import type { ExportFormat } from "@tandem/protocol/experiment-export";

export const text = {
  export: "Export",
  formats: {
    csv: {
      name: "CSV",
      about: "Metrics as a table: a row for each round, client and metric",
    },
    jsonl: {
      name: "JSON Lines",
      about: "Metrics as an object a line: each round, then each client's answer",
    },
    tensorboard: {
      name: "TensorBoard",
      about: "Metrics as event files: a run for the rounds and one for each client",
    },
    archive: {
      name: "Everything",
      about: "All of it in one file that another server imports",
    },
  } satisfies Readonly<Record<ExportFormat, { name: string; about: string }>>,
  noMetrics: "There are metrics once the first round has ended.",
  notStarted: "There is something to export once the experiment has been started.",
  import: "Import",
  importMeans: "Bring an experiment that another server has exported with everything",
  cancelImport: "Cancel import",
  importing: (fraction: number) =>
    fraction < 1 ? `Sending, ${Math.floor(100 * fraction)} %` : "Checking…",
  imported: (day: string) => `Imported on ${day}`,
  importedMeans:
    "A record of what happened on another server: nobody can join it, and it cannot go on.",
} as const;

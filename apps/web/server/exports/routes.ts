import type { Coordinator } from "@tandem/coordinator/coordinator";
import type { BlobStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import { exportEndings, parseExportQuery } from "@tandem/protocol/experiment-export";
import { attachment, file, json } from "@tandem/transport/replies";
import { get, post } from "../accounts/route-parts";
import { idOf } from "../api-routes";
import { fileName } from "../requests";
import type { Route } from "../router";
import type { Tasks } from "../tasks";
import { createImports, type ImportLimits } from "./imports";
import { type Run, readRun, requireMetrics } from "./run";
import { csvOf, jsonLinesOf } from "./tables";
import { tensorboardFiles } from "./tensorboard";
import { archiveFiles, requireStarted } from "./write-archive";
import { zipOf } from "./zip-stream";

/** One experiment to take along, made while it is sent; and what another server has sent so. */
export function exportRoutes(options: {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  readonly records: TaskStore;
  readonly tasks: Pick<Tasks, "exclusively" | "requireKnown">;
  readonly limits: ImportLimits;
}): readonly Route[] {
  const { coordinator, store, blobs, records } = options;
  const imports = createImports(options);
  return [
    get("/api/experiments/:id/export", async (call) => {
      const { format, layout = "long" } = parseExportQuery(Object.fromEntries(call.query));
      call.note({ detail: format });
      const run = await readRun(store, idOf(call));
      const saved = { ...savedAs(run, exportEndings[format]), "cache-control": "no-store" };
      if (format === "archive") {
        requireStarted(run);
        const files = archiveFiles(run, { coordinator, tasks: records, blobs });
        return file(zipOf(files), "application/zip", saved);
      }
      requireMetrics(run);
      if (format === "csv") return file(some(csvOf(run, layout)), "text/csv; charset=utf-8", saved);
      if (format === "jsonl") return file(some(jsonLinesOf(run)), "application/x-ndjson", saved);
      return file(zipOf(tensorboardFiles(run)), "application/zip", saved);
    }),
    post("/api/experiments/import", async (call) => {
      const view = await imports.take(call.request);
      call.note({ thing: view.id });
      return json(view, 201);
    }),
  ];
}

const savedAs = ({ record }: Run, ending: string) =>
  attachment(`${fileName(record.config.name, "experiment")}-${record.id}.${ending}`);

const partCharacters = 2 ** 16;

/** Lines as parts of a size that is worth sending. */
async function* some(lines: Iterable<string>): AsyncGenerator<string> {
  let part = "";
  for (const line of lines) {
    part += line;
    if (part.length < partCharacters) continue;
    yield part;
    part = "";
  }
  yield part;
}

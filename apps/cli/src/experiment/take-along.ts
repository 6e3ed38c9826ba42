import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, TandemError } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import {
  type CsvLayout,
  csvLayouts,
  type ExportFormat,
  exportFormats,
} from "@tandem/protocol/experiment-export";
import type { ExperimentView } from "@tandem/protocol/view";
import { type Command, Option } from "commander";
import { type Api, createApi } from "../harness/rest-client";
import { progressLine } from "../options";

type ExportFlags = {
  readonly url: string;
  readonly token?: string;
  readonly format: ExportFormat;
  readonly layout?: CsvLayout;
  readonly out: string;
  readonly force?: true;
};

export const withExportOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--format <name>", "metrics as a table, objects or event files, or everything")
        .choices(exportFormats)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--layout <name>", "of CSV: a row for each metric, or a column").choices(
        csvLayouts,
      ),
    )
    .requiredOption("--out <file>", "written whole or not at all")
    .option("--force", "write over the file")
    .action(async (id: string, { url, token, format, layout, out, force }: ExportFlags) => {
      if (existsSync(out) && !force)
        throw new TandemError(
          "conflict",
          `${out} is there already: choose another file, or use --force`,
        );
      const { body } = await createApi(url, token).exported(id, format, layout);
      if (!body) throw new TandemError("unavailable", `${url} has sent nothing: try again`);
      const bytes = await save(body as never, out); // DOM's type of the same stream
      process.stdout.write(`✓ ${out}, ${formatBytes(bytes)}\n`);
    });

async function save(body: AsyncIterable<Uint8Array>, out: string): Promise<number> {
  const draft = `${out}.partial`;
  let bytes = 0;
  try {
    await pipeline(async function* () {
      for await (const piece of body) {
        bytes += piece.length;
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${formatBytes(bytes)}`);
        yield piece;
      }
    }, createWriteStream(draft));
    await rename(draft, out);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new TandemError("unavailable", `${out} is not written: ${messageOf(cause)}; try again`, {
      cause,
    });
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  }
  return bytes;
}

export async function importArchive(
  api: Pick<Api, "importExperiment">,
  path: string,
): Promise<ExperimentView> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new TandemError("not-found", `${path}: ${messageOf(cause)}`, { cause });
  });
  const tell = progressLine(process.stderr);
  let sent = 0;
  const pieces = (async function* () {
    for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) {
      sent += piece.length;
      if (process.stderr.isTTY) tell(sent / size, `of ${formatBytes(size)}`);
      yield piece;
    }
  })();
  return api.importExperiment(Readable.toWeb(Readable.from(pieces)) as never); // likewise
}

import { createHash } from "node:crypto";
import { parseRoundEvent, parseRoundState } from "@tandem/coordinator/round/stored-round";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { ExperimentRecord } from "@tandem/core/experiment";
import { formatBytes } from "@tandem/core/format";
import { blobHash, clientId, experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { History } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import { concatenated } from "@tandem/core/tensor";
import { bytesOf, type SlicedFile, type SourceFile } from "@tandem/intake/files/source-file";
import { openZip } from "@tandem/intake/files/zip";
import { parsedBy } from "@tandem/protocol/parsed-by";
import { parseTask } from "@tandem/protocol/task";
import { hashesIn } from "@tandem/storage/garbage";
import type * as z from "zod/mini";
import {
  archiveFormat,
  archiveNames,
  canonical,
  clientSchema,
  eventSchema,
  experimentSchema,
  type Manifest,
  manifestSchema,
  metricSchema,
  roundSchema,
  taskSchema,
} from "./archive-format";
import { linesOf } from "./archive-lines";

/** Of records together, and of one blob, which are held in memory. */
const [mostRecordBytes, mostBlobBytes] = [2 ** 28, 2 ** 30];
/** Of a file that is one value. */
const mostValueBytes = 2 ** 25;

export type OpenArchive = {
  readonly record: ExperimentRecord;
  readonly history: History;
  readonly task?: TaskRecord;
  /** One after another. */
  blobs(): AsyncGenerator<Uint8Array>;
};

type Files = ReadonlyMap<string, SourceFile>;

/**
 * Reads all of an archive but keeps its records alone. Before anything is unpacked it throws `too-large` for
 * more than `mostBytes`, and `bad-data` for what is no zip or holds other files than an archive does; then,
 * with the file and the reason, `not-supported` for a later format, and `bad-data` for a file that has changed
 * and for records that are no experiment's.
 */
export async function openArchive(zip: SlicedFile, mostBytes: number): Promise<OpenArchive> {
  const files = await filesOf(zip, mostBytes);
  const manifest = await manifestOf(files);
  requireListed(files, manifest);
  for (const listed of manifest.files) await requireWhole(files, listed);
  const archive = await recordsOf(files);
  const named = hashesIn([
    archive.record,
    archive.history.rounds,
    archive.history.events,
    archive.task,
  ]);
  const blobs = manifest.files.filter(({ path }) => path.startsWith("blobs/"));
  for (const { path, sha256 } of blobs)
    if (path !== `blobs/${sha256}` || !named.has(sha256))
      throw bad(path, "no record names it by the hash of its bytes");
  return {
    ...archive,
    async *blobs() {
      for (const { path } of blobs) yield await contentOf(files, path);
    },
  };
}

async function filesOf(zip: SlicedFile, mostBytes: number): Promise<Files> {
  const { files, leftOut } = await openZip(zip);
  const [refused] = leftOut;
  if (refused) throw bad(refused.path, refused.sentence);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > mostBytes)
    throw new TandemError(
      "too-large",
      `The archive holds ${formatBytes(size)}, and an experiment may have ${formatBytes(mostBytes)} here: ask whoever runs the server to start it with a larger --experiment-storage.`,
    );
  const byPath = new Map<string, SourceFile>();
  for (const file of files) {
    if (byPath.has(file.path)) throw bad(file.path, "it is there twice");
    if (!isKnown(file.path)) throw bad(file.path, "an archive has no such file");
    const most = file.path.startsWith("blobs/") ? mostBlobBytes : mostRecordBytes;
    if (file.size > most)
      throw new TandemError(
        "too-large",
        `${shown(file.path)}: it has ${formatBytes(file.size)}, and may have ${formatBytes(most)}`,
      );
    byPath.set(file.path, file);
  }
  return byPath;
}

const isKnown = (path: string): boolean =>
  (Object.values(archiveNames) as readonly string[]).includes(path) ||
  /^(blobs\/[0-9a-f]{64}|gallery\/round-\d{4}\.(json|png)|adapter\/round-\d{4}\.zip)$/.test(path);

async function manifestOf(files: Files): Promise<Manifest> {
  const path = archiveNames.manifest;
  const value = jsonIn(await textOf(files, path), path);
  const format = (value as { readonly format?: unknown } | null)?.format;
  if (format !== archiveFormat)
    throw new TandemError(
      /^tandem-experiment\/\d+$/.test(String(format)) ? "not-supported" : "bad-data",
      `${path}: its format is ${shown(String(format))}, and this version reads ${archiveFormat}`,
    );
  return checked(manifestSchema, value, path);
}

function requireListed(files: Files, manifest: Manifest): void {
  const listed = new Set(manifest.files.map(({ path }) => path));
  if (listed.size < manifest.files.length)
    throw bad(archiveNames.manifest, "it lists a file twice");
  for (const path of files.keys())
    if (path !== archiveNames.manifest && !listed.has(path))
      throw bad(path, "the manifest lacks it");
  for (const { path, bytes } of manifest.files) {
    const size = files.get(path)?.size;
    if (size === undefined) throw bad(path, "it is missing");
    if (size !== bytes) throw corrupt(path, `it has ${size} bytes, not ${bytes}`);
  }
}

async function requireWhole(files: Files, { path, sha256 }: Manifest["files"][number]) {
  const hash = createHash("sha256");
  try {
    for await (const chunk of fileAt(files, path).chunks()) hash.update(chunk);
  } catch (error) {
    throw corrupt(path, messageOf(error));
  }
  const found = hash.digest("hex");
  if (found !== sha256) throw corrupt(path, `its SHA-256 is ${found}, not ${sha256}`);
}

async function recordsOf(files: Files): Promise<Omit<OpenArchive, "blobs">> {
  const path = archiveNames.experiment;
  const { state: given, ...rest } = await valueIn(files, path, experimentSchema);
  const state = within(path, () => parseRoundState({ ...given, importedAt: null }));
  if (state.status !== rest.status) throw bad(path, "status: its state has another");
  const record: ExperimentRecord = {
    ...rest,
    id: experimentId(rest.id),
    config: rest.config as unknown as ExperimentRecord["config"], // the coordinator parses it
    state: state as unknown as JsonObject,
  };
  const history: History = {
    events: await rowsOf(files, archiveNames.events, eventSchema, ({ sequence, at, event }) => ({
      ...{ sequence, at },
      event: parseRoundEvent(event) as unknown as JsonObject,
    })),
    rounds: await rowsOf(
      files,
      archiveNames.rounds,
      roundSchema,
      ({ cohort, stateHash, ...round }) => ({
        ...round,
        cohort: cohort.map(clientId),
        ...(stateHash !== undefined && { stateHash: blobHash(stateHash) }),
      }),
    ),
    clients: await rowsOf(files, archiveNames.clients, clientSchema, ({ id, ...client }) => ({
      ...client,
      id: clientId(id),
      tokenHash: "",
    })),
    metrics: await rowsOf(files, archiveNames.metrics, metricSchema, ({ client, ...metric }) => ({
      ...metric,
      ...(client !== undefined && { client: clientId(client) }),
    })),
  };
  requireInOrder(record, history);
  return { record, history, ...(files.has(archiveNames.task) && { task: await taskOf(files) }) };
}

async function taskOf(files: Files): Promise<TaskRecord> {
  const path = archiveNames.task;
  const record = await valueIn(files, path, taskSchema);
  const task = within(path, () => parseTask(record.task));
  if (canonical(task) !== canonical(record.task)) throw bad(path, "no server has written it so");
  return record as unknown as TaskRecord; // so it is: its task has been parsed
}

function requireInOrder({ sequence }: ExperimentRecord, { events, ...rows }: History): void {
  events.forEach((event, i) => {
    if (event.sequence !== i + 1)
      throw bad(`${archiveNames.events}, line ${i + 1}`, `event ${event.sequence} stands there`);
  });
  if (events.length !== sequence)
    throw bad(archiveNames.events, `it has ${events.length} events, not ${sequence}`);
  const keys = {
    rounds: rows.rounds.map(({ round }) => round),
    clients: rows.clients.map(({ id }) => id),
    metrics: rows.metrics.map(({ round, client }) => `${round}/${client ?? ""}`),
  };
  for (const [name, all] of Object.entries(keys)) {
    const seen = new Set<unknown>();
    const twice = all.find((key) => seen.size === seen.add(key).size);
    if (twice !== undefined) throw bad(`${name}.jsonl`, `${twice} is there twice`);
  }
}

async function valueIn<T extends z.ZodMiniType>(files: Files, path: string, schema: T) {
  return checked(schema, jsonIn(await textOf(files, path), path), path);
}

async function rowsOf<T extends z.ZodMiniType, Row>(
  files: Files,
  path: string,
  schema: T,
  rowOf: (value: z.infer<T>) => Row,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const lines = linesOf(fileAt(files, path).chunks(), (why) => bad(path, why));
  for await (const line of lines) {
    const where = `${path}, line ${rows.length + 1}`;
    const value = checked(schema, jsonIn(line, where), where);
    rows.push(within(where, () => rowOf(value)));
  }
  return rows;
}

function checked<T extends z.ZodMiniType>(schema: T, value: unknown, where: string): z.infer<T> {
  return within(where, () => parsedBy(schema, value));
}

/** What is wrong inside is wrong there. */
function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TandemError) throw bad(where, error.message);
    throw error;
  }
}

function jsonIn(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad(where, "it is not JSON");
  }
}

async function textOf(files: Files, path: string): Promise<string> {
  const { size } = fileAt(files, path);
  if (size > mostValueBytes)
    throw bad(path, `it has ${formatBytes(size)}, and may have ${formatBytes(mostValueBytes)}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await contentOf(files, path));
  } catch (error) {
    if (error instanceof TandemError) throw error;
    throw bad(path, "it is not UTF-8");
  }
}

async function contentOf(files: Files, path: string): Promise<Uint8Array> {
  try {
    return (await bytesOf(fileAt(files, path))).all ?? concatenated(Uint8Array, []);
  } catch (error) {
    if (error instanceof TandemError && error.code === "corrupt")
      throw corrupt(path, error.message);
    throw error;
  }
}

function fileAt(files: Files, path: string): SourceFile {
  const file = files.get(path);
  if (file) return file;
  throw bad(path, "it is missing: this is no archive of an experiment");
}

const shown = (path: string): string => path.replace(/[^\x20-\x7e]/g, "�").slice(0, 200);
function bad(where: string, why: string): TandemError {
  const told = `${shown(where)}: ${why}`; // places in it are the archive's own
  return new TandemError("bad-data", told, { told });
}
const corrupt = (where: string, why: string) =>
  bad(where, `${why}; export or download the archive again`);

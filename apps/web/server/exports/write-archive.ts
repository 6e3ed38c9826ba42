import { createHash } from "node:crypto";
import type { Coordinator } from "@tandem/coordinator/coordinator";
import { eventToShare, stateToShare } from "@tandem/coordinator/round/stored-round";
import { codeOf, TandemError } from "@tandem/core/errors";
import type { ClientRecord } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { BlobStore, TaskStore } from "@tandem/core/stores";
import { isTaskId } from "@tandem/protocol/task";
import { hashesIn } from "@tandem/storage/garbage";
import { createAdapters } from "../adapters";
import { galleryView } from "../gallery-view";
import { archiveFormat, archiveNames, canonical, type Manifest } from "./archive-format";
import type { Run } from "./run";
import type { ZipFile } from "./zip-stream";

type Sources = {
  readonly coordinator: Coordinator;
  readonly tasks: Pick<TaskStore, "get">;
  readonly blobs: BlobStore;
};

/** Throws `conflict` for a draft, of which there is nothing but its settings. */
export function requireStarted({ record: { status, config } }: Run): void {
  if (status !== "draft") return;
  throw new TandemError(
    "conflict",
    `“${config.name}” has not been started: there is nothing to archive but its settings.`,
  );
}

/**
 * Everything that an experiment is: records, the blobs that they name, its task, and what people look at.
 * Left out are invitations, applicants, and all hashes of tokens, keys and addresses. The same experiment
 * always gives the same files.
 */
export async function* archiveFiles(run: Run, sources: Sources): AsyncGenerator<ZipFile> {
  const files: Manifest["files"] = [];
  for await (const file of contentsOf(run, sources)) {
    const { path, bytes } = file;
    files.push({
      path,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    yield file;
  }
  yield textFile(archiveNames.manifest, `${canonical({ format: archiveFormat, files })}\n`);
}

async function* contentsOf(run: Run, { coordinator, tasks, blobs }: Sources) {
  const { config, id, stateSequence: _, ...times } = run.record;
  const state = stateToShare(await coordinator.stateAfter(run.record, run.events));
  const record = { ...times, id, config, state, status: state.status };
  const events = run.events.map(eventToShare);
  const task = isTaskId(config.dataset) ? await tasks.get(config.dataset) : undefined;
  yield textFile(archiveNames.experiment, `${canonical(record)}\n`);
  yield linesFile(archiveNames.events, events);
  yield linesFile(archiveNames.rounds, run.rounds);
  yield linesFile(archiveNames.clients, run.clients.map(withoutProofs));
  yield linesFile(archiveNames.metrics, run.metrics);
  if (task) yield textFile(archiveNames.task, `${canonical(task)}\n`);
  for (const name of [...hashesIn([record, run.rounds, events, task])].sort()) {
    const hash = blobHash(name);
    // Somebody may have made room, and not every name in a state is a blob's.
    if (await blobs.has(hash)) yield { path: `blobs/${hash}`, bytes: await blobs.get(hash) };
  }
  yield* picturesOf(run, coordinator);
  yield* adapterOf(run, coordinator);
}

const withoutProofs = ({ tokenHash: _, key: __, ...rest }: ClientRecord) => rest;

/** What the gallery shows of each round. */
async function* picturesOf({ record: { id } }: Run, coordinator: Coordinator) {
  const { rounds } = await coordinator.view(id);
  for (const { round, gallery } of rounds) {
    if (!gallery) continue;
    const found = await unlessMissing(coordinator.gallery(id, round));
    if (!found) continue;
    const { sheet: _, lessons: __, ...shown } = galleryView(found, { id, round });
    const path = `gallery/round-${String(round).padStart(4, "0")}`;
    yield textFile(`${path}.json`, `${canonical(shown)}\n`);
    yield { path: `${path}.png`, bytes: await coordinator.sheet(id, round, { of: "images" }) };
  }
}

/** What the rounds have taught the teacher last. */
async function* adapterOf({ record: { id } }: Run, coordinator: Coordinator) {
  const adapters = createAdapters(coordinator);
  const round = (await adapters.list(id)).findLast((one) => "bytes" in one)?.round;
  if (round === undefined) return;
  const { bytes } = await adapters.download(id, round);
  yield { path: `adapter/round-${String(round).padStart(4, "0")}.zip`, bytes };
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (codeOf(error) === "not-found") return undefined;
    throw error;
  }
}

const textFile = (path: string, text: string): ZipFile => ({
  path,
  bytes: new TextEncoder().encode(text),
});
const linesFile = (path: string, rows: readonly unknown[]): ZipFile =>
  textFile(path, rows.map((row) => `${canonical(row)}\n`).join(""));

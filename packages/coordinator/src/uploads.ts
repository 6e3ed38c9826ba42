import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { Metrics, ServerStep } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload-codec";
import { latenessOf } from "./round/late";
import type { ClosedRound } from "./round/round-state";
import { clientInfo, type LiveClient, type Runtime, rulesOf } from "./runtime";

const maxBytes = 8 * 2 ** 20;
const maxUnpackedBytes = 64 * 2 ** 20;

type Upload = { readonly round: number; readonly hash: BlobHash; readonly metrics: Metrics };

/** What is to become of a checked upload; throws why it cannot be taken. */
export async function checkUpload(
  runtime: Runtime,
  client: LiveClient,
  upload: Upload,
  sources: {
    readonly blobs: BlobStore;
    readonly stateOf: (runtime: Runtime) => Promise<Payload>;
  },
): Promise<"in-time" | "late" | "duplicate"> {
  const timing = timingOf(runtime, client.record.id, upload.round);
  if (timing === "duplicate") return timing;
  const bytes = await sources.blobs.get(upload.hash);
  if (bytes.length > maxBytes)
    throw new TandemError(
      "too-large",
      `The upload has ${bytes.length} bytes; at most ${maxBytes} are taken.`,
    );
  const payload = decodePayload(bytes, { maxBytes: maxUnpackedBytes });
  const state =
    timing === "late"
      ? await endOf(runtime, upload.round, sources.blobs)
      : await sources.stateOf(runtime);
  runtime.server.check(state, clientInfo(client), payload);
  checkMetrics(upload.metrics);
  return timing;
}

function timingOf(runtime: Runtime, client: string, round: number) {
  const { state } = runtime;
  if (round === state.round) {
    if (client in state.answers) return "duplicate";
    if (state.phase === "collecting" && state.cohort.includes(client)) return "in-time";
  }
  const lateness = latenessOf(rulesOf(runtime), state, { round, client });
  if (lateness.verdict === "open") return "late";
  if (lateness.verdict === "duplicate") return "duplicate";
  throw new TandemError(
    "stale",
    round === state.round
      ? `Round ${round} does not collect from this client now: wait for the next.`
      : lateness.reason,
  );
}

/** The state that a round has ended with. */
async function endOf(
  { rounds }: Pick<Runtime, "rounds">,
  round: number,
  blobs: BlobStore,
): Promise<Payload> {
  const hash = rounds.get(round)?.stateHash;
  if (!hash || !(await blobs.has(hash)))
    throw new TandemError("stale", `What round ${round} asked about is kept no longer.`);
  return decodePayload(await blobs.get(hash));
}

/** Throws `bad-upload` unless every metric is finite, accuracies are shares and losses not negative. */
export function checkMetrics(metrics: Metrics): void {
  for (const [name, value] of Object.entries(metrics)) {
    const refuse = (range: string) => {
      throw new TandemError("bad-upload", `The metric "${name}" is ${value}, not ${range}.`);
    };
    const [kind] = name.split("/");
    if (!Number.isFinite(value)) refuse("a finite number");
    if (kind === "accuracy" && (value < 0 || value > 1)) refuse("between 0 and 1");
    if (kind === "loss" && value < 0) refuse("0 or more");
  }
}

/** What of an experiment its aggregates follow from. */
export type Rounds = Pick<Runtime, "clients" | "server" | "state" | "rounds">;

type Answers = {
  readonly round: number;
  readonly answers: ClosedRound["answers"];
  readonly late?: ClosedRound["late"];
};

/** A round's accepted uploads, summed in the order of places: arrival order does not matter. */
export async function accumulateUploads(
  runtime: Rounds,
  { round, answers, late = {} }: Answers,
  blobs: BlobStore,
): Promise<Payload> {
  const taken = new Map([
    ...Object.entries(answers).map(([id, hash]) => [id, { hash, age: 0 }] as const),
    ...Object.entries(late)
      .filter(([, { takenIn }]) => takenIn <= runtime.state.round)
      .map(([id, { hash, takenIn }]) => [id, { hash, age: takenIn - round }] as const),
  ]);
  const clients = [...runtime.clients.values()].sort(
    (a, b) => a.record.slot - b.record.slot || (a.record.id < b.record.id ? -1 : 1),
  );
  let accumulator: Payload | undefined;
  for (const client of clients) {
    const upload = taken.get(client.record.id);
    if (!upload) continue;
    const payload = decodePayload(await blobs.get(blobHash(upload.hash)));
    const update = { client: clientInfo(client), age: upload.age, payload };
    accumulator = runtime.server.accumulate(accumulator, update);
  }
  if (!accumulator) throw new Error("a round without uploads is not aggregated");
  return accumulator;
}

/** Takes the late answers that are due now into the rounds that they belong to, oldest first. */
export async function reviseClosed(
  runtime: Rounds,
  concluded: ServerStep,
  blobs: BlobStore,
): Promise<ServerStep> {
  const { server, state } = runtime;
  let { state: revised, metrics } = concluded;
  for (const closed of state.closed) {
    const due = Object.values(closed.late).filter(({ takenIn }) => takenIn === state.round);
    if (due.length === 0 || !server.late) continue;
    const past = await endOf(runtime, closed.round, blobs);
    const step = server.late.revise(revised, past, await accumulateUploads(runtime, closed, blobs));
    const count = (metrics["uploads/late"] ?? 0) + due.length;
    metrics = { ...metrics, ...step.metrics, "uploads/late": count };
    revised = step.state;
  }
  return { state: revised, metrics };
}

import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { Metrics } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload";
import { clientInfo, type LiveClient, type Runtime } from "./experiment-runtime";

const maxBytes = 8 * 2 ** 20;
const maxUnpackedBytes = 64 * 2 ** 20;

type Upload = { readonly round: number; readonly hash: BlobHash; readonly metrics: Metrics };

/** Whether the client's answer to the round has been taken already; throws why it cannot be taken. */
export async function checkUpload(
  runtime: Runtime,
  client: LiveClient,
  upload: Upload,
  sources: {
    readonly blobs: BlobStore;
    readonly stateOf: (runtime: Runtime) => Promise<Payload>;
  },
): Promise<{ readonly duplicate: boolean }> {
  const { state } = runtime;
  if (upload.round !== state.round)
    throw new TandemError(
      "stale",
      `The upload is for round ${upload.round}; round ${state.round} is open.`,
    );
  if (client.record.id in state.answers) return { duplicate: true };
  if (state.phase !== "collecting" || !state.cohort.includes(client.record.id))
    throw new TandemError(
      "stale",
      `Round ${state.round} does not collect from this client now: wait for the next.`,
    );
  const bytes = await sources.blobs.get(upload.hash);
  if (bytes.length > maxBytes)
    throw new TandemError(
      "too-large",
      `The upload has ${bytes.length} bytes; at most ${maxBytes} are taken.`,
    );
  const payload = decodePayload(bytes, { maxBytes: maxUnpackedBytes });
  runtime.server.check(await sources.stateOf(runtime), clientInfo(client), payload);
  checkMetrics(upload.metrics);
  return { duplicate: false };
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

/** The accepted uploads of the round, summed in the order of places: arrival order does not matter. */
export async function accumulateUploads(runtime: Runtime, blobs: BlobStore): Promise<Payload> {
  const { answers } = runtime.state;
  const clients = [...runtime.clients.values()]
    .filter(({ record }) => record.id in answers)
    .sort((a, b) => a.record.slot - b.record.slot || (a.record.id < b.record.id ? -1 : 1));
  let accumulator: Payload | undefined;
  for (const client of clients) {
    const payload = decodePayload(await blobs.get(blobHash(answers[client.record.id])));
    accumulator = runtime.server.accumulate(accumulator, {
      client: clientInfo(client),
      age: 0,
      payload,
    });
  }
  if (!accumulator) throw new Error("a round without uploads is not aggregated");
  return accumulator;
}

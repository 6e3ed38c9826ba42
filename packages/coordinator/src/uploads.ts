import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { Metrics } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload";
import { clientInfo, type LiveClient, type Runtime } from "./experiment-runtime";

const maxBytes = 8 * 2 ** 20;

/** Whether this very answer has been taken already; throws the reason why it cannot be taken. */
export async function checkUpload(
  runtime: Runtime,
  client: LiveClient,
  upload: { readonly round: number; readonly hash: BlobHash; readonly metrics: Metrics },
  blobs: BlobStore,
): Promise<{ readonly duplicate: boolean }> {
  const { state } = runtime;
  const refuse = (code: "stale" | "bad-upload" | "too-large", message: string): never => {
    throw new TandemError(code, message);
  };
  if (upload.round !== state.round)
    refuse("stale", `The upload is for round ${upload.round}; round ${state.round} is open.`);
  if (client.record.id in state.answers) return { duplicate: true };
  if (state.phase !== "collecting" || !state.cohort.includes(client.record.id))
    refuse("stale", `Round ${state.round} does not collect from this client now.`);
  if (Object.values(upload.metrics).some((value) => !Number.isFinite(value)))
    refuse("bad-upload", "A metric is not a finite number.");
  const bytes = await blobs.get(upload.hash);
  if (bytes.length > maxBytes)
    refuse("too-large", `The upload has ${bytes.length} bytes; at most ${maxBytes} are taken.`);
  const payload = decodePayload(bytes);
  if (runtime.strategyState === undefined) throw new Error("collecting without a strategy state");
  runtime.server.check(runtime.strategyState, clientInfo(client), payload);
  return { duplicate: false };
}

/** The accepted uploads of the round, summed in the order of places: arrival order does not matter. */
export async function accumulateUploads(runtime: Runtime, blobs: BlobStore): Promise<Payload> {
  const { answers } = runtime.state;
  const clients = [...runtime.clients.values()]
    .filter(({ record }) => record.id in answers)
    .sort((a, b) => a.record.slot - b.record.slot);
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

import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { ServerStep } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload-codec";
import { clientInfo, type LiveClient } from "./live-client";
import type { ClosedRound } from "./round/round-state";
import type { Runtime } from "./runtime";

/** What of an experiment its aggregates follow from. */
export type Rounds = Pick<Runtime, "server" | "state" | "rounds" | "uploads"> & {
  readonly clients: ReadonlyMap<string, Pick<LiveClient, "record">>;
};

type Answers = {
  readonly round: number;
  readonly answers: ClosedRound["answers"];
  readonly late?: ClosedRound["late"];
};

/** The sum of a round's accepted uploads, which no order changes: of what is added up already, and of the rest in the order of places. */
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
  const accumulator = await runtime.uploads.sum(
    clients.flatMap((client) => {
      const upload = taken.get(client.record.id);
      if (!upload) return [];
      const bytes = () => blobs.get(blobHash(upload.hash));
      return [{ client: clientInfo(client), ...upload, bytes }];
    }),
  );
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

/** The state that a round has ended with. */
export async function endOf(
  runtime: Pick<Runtime, "rounds">,
  round: number,
  blobs: BlobStore,
): Promise<Payload> {
  const hash = endHashOf(runtime, round);
  if (!(await blobs.has(hash))) throw forgotten(round);
  return decodePayload(await blobs.get(hash));
}

/** Its name; throws `stale` like `endOf`. */
export function endHashOf({ rounds }: Pick<Runtime, "rounds">, round: number): BlobHash {
  const hash = rounds.get(round)?.stateHash;
  if (!hash) throw forgotten(round);
  return blobHash(hash);
}

const forgotten = (round: number) =>
  new TandemError("stale", `What round ${round} asked about is kept no longer.`);

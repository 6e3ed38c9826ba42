import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import { decodePayload } from "@tandem/protocol/payload-codec";
import type { Revision } from "./concluding";
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
  { round, answers, late }: Answers,
  blobs: BlobStore,
): Promise<Payload> {
  const taken = new Map([
    ...[...answers].map(([id, hash]) => [id, { hash, age: 0 }] as const),
    ...[...(late ?? [])]
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

/** Of the rounds that late answers belong to which are due now, oldest first. */
export async function lateSums(runtime: Rounds, blobs: BlobStore): Promise<readonly Revision[]> {
  const { server, state } = runtime;
  const sums: Revision[] = [];
  for (const closed of server.late ? state.closed : []) {
    const due = [...closed.late.values()].filter(({ takenIn }) => takenIn === state.round);
    if (due.length === 0) continue;
    const past = await bytesOfEnd(runtime, closed.round, blobs);
    const sum = await accumulateUploads(runtime, closed, blobs);
    sums.push({ past, sum, uploads: due.length });
  }
  return sums;
}

/** The state that a round has ended with. */
export async function endOf(
  runtime: Pick<Runtime, "rounds">,
  round: number,
  blobs: BlobStore,
): Promise<Payload> {
  return decodePayload(await bytesOfEnd(runtime, round, blobs));
}

async function bytesOfEnd(
  runtime: Pick<Runtime, "rounds">,
  round: number,
  blobs: BlobStore,
): Promise<Uint8Array> {
  const hash = endHashOf(runtime, round);
  if (!(await blobs.has(hash))) throw forgotten(round);
  return blobs.get(hash);
}

/** Its name; throws `stale` like `endOf`. */
export function endHashOf({ rounds }: Pick<Runtime, "rounds">, round: number): BlobHash {
  const hash = rounds.get(round)?.stateHash;
  if (!hash) throw forgotten(round);
  return blobHash(hash);
}

const forgotten = (round: number) =>
  new TandemError("stale", `What round ${round} asked about is kept no longer.`);

import { createHash } from "node:crypto";
import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import type { ClientInfo } from "@tandem/core/strategy";
import { deflated } from "@tandem/protocol/deflate";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { clientInfo, connectionOf, isLoaded } from "./live-client";
import { sorted } from "./round/clients";
import type { Instruction } from "./round/round-state";
import type { Runtime } from "./runtime";

/** Instructions that a client may still be fetching when the next round has begun. */
const mostAsked = 4;

/** What each of the cohort is asked by the strategy's `state`, put as blobs. */
export async function putInstructions(
  runtime: Runtime,
  state: Payload,
  blobs: BlobStore,
): Promise<Readonly<Record<string, Instruction>>> {
  const all: Record<string, Instruction> = {};
  /** Most are asked the same, which is packed and put once. */
  const known = new Map<string, Instruction>();
  const kinds = new Map<string, Instruction>();
  for (const id of sorted(runtime.state.cohort)) {
    const client = runtime.clients.get(id);
    if (!client) throw new Error(`client ${id} of the cohort has no record`);
    const answered = runtime.metrics.lastAnswered(id, runtime.state.round);
    const kind = kindOf(clientInfo(client));
    const key = JSON.stringify([kind.modality, kind.architecture, answered]);
    const instruction =
      kinds.get(key) ?? (await packed(runtime.server.instruct(state, kind, answered)));
    if (!kind.isPersonal()) kinds.set(key, instruction);
    all[id] = instruction;
  }
  return all;

  async function packed(asked: Payload): Promise<Instruction> {
    const encoded = encodePayload(asked);
    const name = createHash("sha256").update(encoded).digest("hex");
    const instruction = known.get(name) ?? (await put(await deflated(encoded)));
    known.set(name, instruction);
    return instruction;
  }

  async function put(bytes: Uint8Array): Promise<Instruction> {
    return { hash: await blobs.put(bytes), bytes: bytes.length };
  }
}

/** Knows whether a strategy has asked for more of a client than what many have in common. */
function kindOf({ id, samples, ...kind }: ClientInfo) {
  let isRead = false;
  const own = <T>(value: T): T => {
    isRead = true;
    return value;
  };
  return {
    ...kind,
    get id() {
      return own(id);
    },
    get samples() {
      return own(samples);
    },
    isPersonal: () => isRead,
  };
}

/** Tells those of the cohort who are here and have not answered, or one of them, what they are asked. */
export function sendInstructions(runtime: Runtime, now: number, only?: string): void {
  const { state, clients } = runtime;
  if (state.phase !== "collecting") return;
  for (const id of only === undefined ? sorted(state.cohort) : [only]) {
    const client = clients.get(id);
    const instruction = state.instructions.get(id);
    if (!client || !isLoaded(client) || !instruction || state.answers.has(id)) continue;
    client.asked = [...client.asked.slice(1 - mostAsked), instruction.hash];
    connectionOf(client)?.send("instruct", {
      round: state.round,
      hash: blobHash(instruction.hash),
      bytes: instruction.bytes,
      deadlineMs: Math.max(0, Math.round(runtime.deadlineAt - now)),
    });
  }
}

import { encodePayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { SocketLine } from "./socket-line";
import type { Stranger } from "./stranger";

/** A place among the honest, and what it has been asked; undefined where it is refused, or asked nothing in 10 s. */
export async function placeAmongHonest(
  { socket, judge, around, pause, signal }: Stranger,
  ready: object = { samples: 10, device: "none" },
): Promise<SocketLine | undefined> {
  const line = await socket();
  if (!line) return undefined;
  const joined = await line.join(around.experiments.honest);
  judge.allowed("join", joined);
  if (joined?.isTaken) {
    judge.allowed("ready", await line.ask("ready", ready));
    for (let i = 0; i < 50 && line.socket.connected && !signal.aborted; i++) {
      if (line.instruction()) return line;
      await pause(200);
    }
    await line.ask("leave", {});
  }
  line.close();
  return undefined;
}

export async function put({ http }: Stranger, token: string, bytes: Uint8Array, name?: string) {
  const hash = name ?? (await sha256Hex(bytes));
  const headers = { authorization: `Bearer ${token}` };
  const answer = await http({ method: "PUT", path: `/api/blobs/${hash}`, headers, body: bytes });
  return { hash, answer };
}

export function getBlob({ http }: Stranger, hash: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return http({ path: `/api/blobs/${hash}`, headers });
}

/** What FedAvg asks, said back as if it were learnt; undefined before there is a model. */
export async function echoOf(
  { around }: Stranger,
  line: SocketLine,
): Promise<Uint8Array | undefined> {
  const asked = line.instruction();
  if (!asked) return undefined;
  const headers = { authorization: `Bearer ${line.token()}` };
  const response = await fetch(`${around.url}/api/blobs/${asked.hash}`, {
    headers,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  if (!response?.ok) return undefined;
  const { arrays } = await unpackPayload(new Uint8Array(await response.arrayBuffer()));
  return Object.keys(arrays).length > 0 ? encodePayload({ arrays, meta: {} }) : undefined;
}

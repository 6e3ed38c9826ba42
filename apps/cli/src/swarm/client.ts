import { setTimeout as sleep } from "node:timers/promises";
import { isOfConnection, refused } from "@tandem/client/failures";
import { askChallenge, openOwnKey } from "@tandem/client/own-key";
import { codeOf } from "@tandem/core/errors";
import { experimentId } from "@tandem/core/ids";
import { protocolVersion, type TandemNotices, type TandemRequests } from "@tandem/protocol/events";
import { createMemoryKeyStore } from "@tandem/storage/memory-client";
import { connectSocket } from "@tandem/transport/socket-client";

type Instruction = TandemNotices["instruct"];
type Own = NonNullable<TandemRequests["join"]["request"]["own"]>;

export type SwarmClientOptions = {
  readonly url: string;
  readonly experiment: string;
  /** What the server, which believes this machine as a proxy, is told of where it comes from. */
  readonly address: string;
  /** What it says it brings; absent: it takes what its place is dealt. */
  readonly own?: Own;
  /** What it waits before each answer, as if it computed; and says that it has. */
  readonly computeMs?: number;
  /** An upload that the strategy takes. */
  readonly answer: () => Uint8Array;
  readonly onInstruction: (round: number) => void;
  /** `ms`: from the upload's first byte to its acknowledgement, whatever had to be sent again. */
  readonly onAcknowledged: (round: number, ms: number) => void;
  /** The experiment has ended. */
  readonly onFinish: () => void;
  /** The client takes no further part, though it has had one. */
  readonly onFailed: (error: unknown) => void;
};

export type SwarmClient = { close(): void };

const device = "swarm";
const againMs = 500;

/**
 * A client that speaks the protocol as a tab does, over its own connection and with its own key, and trains
 * nothing. Resolves once it is ready for its first round; throws why it may not take part.
 */
export async function startSwarmClient(options: SwarmClientOptions): Promise<SwarmClient> {
  const { url, experiment, address, own, computeMs = 0, answer, onFailed } = options;
  const channel = connectSocket({ url, headers: { "x-forwarded-for": address } });
  const key = openOwnKey(createMemoryKeyStore(), { experiment, identity: 0 });
  let place: { readonly token: string; readonly client: string } | undefined;
  const samples = own?.samples ?? 1;
  let asked: Instruction | undefined;
  let isClosed = false;

  /** Takes its place over the present connection, for the first time or again. */
  async function enter(): Promise<void> {
    const token = place?.token;
    const challenge = await askChallenge(channel);
    const joined = await channel.request("join", {
      version: protocolVersion,
      experiment: experimentId(experiment),
      device,
      key: await key.prove({ challenge, token }),
      ...(token && { token }),
      ...(own && { own }),
    });
    if (!joined.ok) throw refused(joined.error);
    if (!place)
      for (const blob of [joined.shard, joined.test, joined.vocabulary])
        if (blob) await channel.getBlob(blob.hash);
    place = joined;
    const ready = await channel.request("ready", { samples, device });
    if (!ready.ok) throw refused(ready.error);
  }

  async function work({ round, hash: instruction }: Instruction): Promise<void> {
    if (!place) throw new Error("instructed before it has joined");
    const { token, client } = place;
    await channel.getBlob(instruction);
    if (computeMs > 0) await sleep(computeMs);
    const bytes = answer();
    const started = performance.now();
    const hash = await channel.putBlob(bytes, token);
    const signature = await key.signUpload({ client, round, instruction, hash });
    const metrics = { accuracy: 0.5, loss: 1 };
    await persist(async () => {
      const taken = await channel.request("upload", {
        ...{ round, instruction, hash, metrics, signature },
        ...(computeMs > 0 && { speed: (1000 * samples) / computeMs }),
      });
      if (!taken.ok) throw refused(taken.error);
    });
    options.onAcknowledged(round, performance.now() - started);
  }

  /** Again while it is the connection's fault, as a tab does for as long as it is open. */
  async function persist(attempt: () => Promise<void>): Promise<void> {
    for (;;)
      try {
        return await attempt();
      } catch (error) {
        if (isClosed || !isOfConnection(error)) throw error;
        await sleep(againMs);
      }
  }

  function fail(error: unknown): void {
    if (isClosed) return;
    close();
    onFailed(error);
  }
  function close(): void {
    isClosed = true;
    channel.close();
  }

  channel.on("instruct", (instruction) => {
    if (asked?.round === instruction.round && asked.hash === instruction.hash) return;
    asked = instruction;
    options.onInstruction(instruction.round);
    work(instruction).catch((error) => {
      if (codeOf(error) !== "stale") fail(error); // late, which is nobody's failure
    });
  });
  channel.on("finish", () => {
    if (isClosed) return;
    close();
    options.onFinish();
  });
  channel.on("dismissed", ({ reason }) => fail(new Error(reason)));
  channel.on("cut", ({ message }) => fail(new Error(message)));
  let isEntering = false;
  await new Promise<void>((resolve, reject) => {
    channel.onConnection((isUp, isForGood) => {
      if (isForGood) fail(new Error("the server has closed the connection"));
      if (!isUp || isEntering || isClosed) return;
      isEntering = true;
      persist(enter)
        .then(resolve, (error) => {
          if (place) return fail(error);
          close();
          reject(error);
        })
        .finally(() => {
          isEntering = false;
        });
    });
  });
  return { close };
}

import { setTimeout as sleep } from "node:timers/promises";
import { createRng, type Rng } from "@tandem/core/rng";
import { createKeyPair, type DeviceKey, deviceKeyOf } from "@tandem/protocol/device-key";
import { type Call, type HttpAnswer, httpCall } from "./http-call";
import { createJudge, type Judge, type Tally } from "./judge";
import { openSocketLine, type SocketLine } from "./socket-line";

/** The server that strangers come to, and what they have found out of it. */
export type Surroundings = {
  /** On this machine. */
  readonly url: string;
  /** By ids: of the honest clients, one with few places, one by invitation, one by approval. */
  readonly experiments: Readonly<Record<"honest" | "small" | "invited" | "approved", string>>;
  /** Places of the small one. */
  readonly places: number;
  readonly readyWithinMs: number;
  /** Of what is agreed to (`ConsentView.hash`), by experiment's kind. */
  readonly consents: Readonly<Record<"invited" | "approved", string>>;
  /** Of an invitation that has been revoked. */
  readonly revoked: string;
  /** E-mail address of the owner's account. */
  readonly owner: string;
  /** Of the server, such as where its data lies: no answer may hold one. */
  readonly secrets: readonly string[];
};

/** What of honest clients has come into strangers' hands: a place's token and how it was joined, or an upload. */
export type Loot = Place | Upload;
type Place = {
  readonly type: "place";
  readonly token: string;
  readonly join: object;
  readonly shard: string;
};
type Upload = { readonly type: "upload"; readonly hash: string; readonly body: object };

/** Strangers of one kind. Each visit is one connection or so, and bounded. */
export type Kind = {
  readonly name: string;
  readonly does: string;
  /** What none of it may bring about. */
  readonly never: string;
  visit(self: Stranger): Promise<void>;
};

export type Stranger = {
  readonly rng: Rng;
  readonly signal: AbortSignal;
  readonly around: Surroundings;
  readonly loot: { readonly places: readonly Place[]; readonly uploads: readonly Upload[] };
  readonly key: DeviceKey;
  readonly judge: Judge;
  /** Of its kind alone, unless it says another. */
  http(call: Call, address?: string): Promise<HttpAnswer | undefined>;
  /** Counted as unanswered where none comes about. */
  socket(
    headers?: Readonly<Record<string, string>>,
    address?: string,
  ): Promise<SocketLine | undefined>;
  /** An address that hardly anybody else has. */
  otherAddress(): string;
  pause(ms: number): Promise<void>;
};

/** Addresses of documentation and of benchmarks (RFC 5737, RFC 2544): the server believes us as a proxy. */
export const addressOfKind = (index: number): string => `198.51.100.${index + 1}`;

export async function createStranger(options: {
  readonly seed: string;
  readonly address: string;
  readonly around: Surroundings;
  readonly loot: Stranger["loot"];
  readonly tally: Tally;
  readonly signal: AbortSignal;
}): Promise<Stranger> {
  const { seed, address, around, loot, tally, signal } = options;
  const rng = createRng(`stranger/${seed}`);
  const key = await deviceKeyOf(await createKeyPair());
  const from = (of: string) => ({ "x-forwarded-for": of });
  return {
    rng,
    signal,
    around,
    loot,
    key,
    judge: createJudge(tally, around.secrets),
    http: (call, of = address) =>
      httpCall(around.url, { ...call, headers: { ...from(of), ...call.headers } }),
    async socket(headers = {}, of = address) {
      const line = await openSocketLine(around.url, key, { ...from(of), ...headers });
      if (!line) tally.unanswered++;
      return line;
    },
    otherAddress: () => `198.18.${rng.integer(256)}.${1 + rng.integer(254)}`,
    pause: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
  };
}

export const pick = <T>(rng: Rng, from: readonly T[]): T => from[rng.integer(from.length)];

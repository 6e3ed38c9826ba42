import type { TandemChannel, TandemNotices, TandemRequests } from "@tandem/protocol/events";
import type { Line } from "../harness/line";
import { type ChaosFault, faultOf } from "./faults";

/** An upload that the server has said yes to. */
export type Acknowledged = { readonly slot: number; readonly round: number; readonly hash: string };

export type Befalling = {
  readonly slot: number;
  readonly line: Line;
  readonly seed: number;
  /** Of the rounds in which something befalls it; 0. */
  readonly share?: number;
  readonly deadlineMs: number;
  readonly onAcknowledged?: (upload: Acknowledged) => void;
  /** What the server has said yes to. */
  readonly onTaken?: <K extends keyof TandemRequests>(
    event: K,
    body: TandemRequests[K]["request"],
    reply: TandemRequests[K]["reply"],
  ) => void;
  readonly onFault?: (fault: ChaosFault) => void;
};

/** The client behind a channel. */
type Life = {
  readonly isAlive: () => boolean;
  readonly crash: () => void;
  /** How often each round was asked for, in this life and those before. */
  readonly attempts: Map<number, number>;
};

/** A channel that the seed's faults befall, and by which nothing reaches the dead. */
export function befallenChannel(
  inner: TandemChannel,
  befalling: Befalling,
  { isAlive, crash, attempts }: Life,
): TandemChannel {
  const { slot, line, seed, share = 0, deadlineMs, onAcknowledged, onTaken, onFault } = befalling;
  const corrupted = new Set<number>();
  let round = 0;
  let ready: TandemRequests["ready"]["request"] | undefined;
  return {
    ...inner,
    async request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ) {
      if (event === "ready") ready = body as TandemRequests["ready"]["request"];
      const reply = await inner.request(event, body);
      if (reply.ok) onTaken?.(event, body, reply);
      if (event === "upload" && reply.ok) {
        const { round: of, hash } = body as TandemRequests["upload"]["request"];
        onAcknowledged?.({ slot, round: of, hash });
      }
      return reply;
    },
    putBlob(bytes, owner, signal) {
      const sent = corrupted.delete(round) ? bytes.slice(0, bytes.length - 7) : bytes;
      return inner.putBlob(sent, owner, signal);
    },
    on: (event, handler) =>
      inner.on(event, (body) => {
        if (!isAlive()) return;
        if (event !== "instruct") return handler(body);
        ({ round } = body as TandemNotices["instruct"]);
        const attempt = (attempts.get(round) ?? 0) + 1;
        attempts.set(round, attempt);
        const fault = faultOf({ seed, share }, { slot, round, attempt });
        if (fault) onFault?.(fault);
        const moment = (slot * 137) % 700;
        switch (fault) {
          case "drop": {
            const wake = () => isAlive() && ready && inner.request("ready", ready).catch(() => {});
            setTimeout(wake, deadlineMs * 1.2);
            return;
          }
          case "delay":
            setTimeout(() => isAlive() && handler(body), deadlineMs / 3);
            return;
          case "freeze":
            line.freeze(deadlineMs * 1.5);
            break;
          case "corrupt":
            corrupted.add(round);
            break;
          case "disconnect":
            setTimeout(line.cut, moment);
            break;
          case "crash":
            setTimeout(() => isAlive() && crash(), moment);
            break;
        }
        handler(body);
      }),
  };
}

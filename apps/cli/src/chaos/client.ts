import { soleIdentity } from "@tandem/client/identity";
import { type Session, startSession } from "@tandem/client/session";
import type { ClientStore } from "@tandem/core/stores";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import type { TandemChannel, TandemNotices, TandemRequests } from "@tandem/protocol/events";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { strategyNamed } from "@tandem/strategies/registry";
import { connectSocket } from "@tandem/transport/socket-client";
import type { Line } from "../harness/line";
import { type ChaosFault, clockSkewOf, faultOf } from "./faults";

/** An upload that the server has said yes to. */
export type Acknowledged = { readonly slot: number; readonly round: number; readonly hash: string };

export type ChaosClient = { stop(): Promise<void> };

/**
 * A client in this process over real sockets and HTTP, with a clock that is wrong, that faults befall by
 * the seed. Needs a tfjs backend.
 */
export async function startChaosClient(options: {
  readonly experiment: string;
  readonly slot: number;
  readonly line: Line;
  readonly seed: number;
  /** Of the rounds in which something befalls it; 0. */
  readonly share?: number;
  readonly deadlineMs: number;
  readonly onAcknowledged?: (upload: Acknowledged) => void;
  readonly onFault?: (fault: ChaosFault) => void;
  readonly onEnd: (reason: string) => void;
}): Promise<ChaosClient> {
  const { experiment, slot, line, seed, share = 0, deadlineMs } = options;
  const store = createMemoryClientStore();
  const skew = clockSkewOf(seed, slot);
  const attempts = new Map<number, number>();
  /** Of the living; the dead are not waited for. */
  let session: Promise<Session> | undefined;
  let generation = 0;
  let stopped = false;

  async function live(): Promise<void> {
    const own = ++generation;
    const isAlive = () => own === generation;
    const inner = connectSocket({ url: line.url });
    session = startSession(
      {
        channel: befallen(inner, isAlive),
        store: mortal(store, isAlive),
        claimIdentity: soleIdentity,
        now: () => Date.now() + skew,
        device: "chaos",
        strategy: (name, config) => strategyNamed(name).client(config),
        createModel,
        createTrainer,
        update(change) {
          if (typeof change === "function" || change.phase !== "failed" || !isAlive()) return;
          options.onEnd(change.error?.message ?? "no reason");
        },
      },
      { experiment, slot },
    );
    await session;
  }

  /** As after a closed tab: nobody says goodbye, and what was stored is there for the next. */
  function crash(inner: TandemChannel): void {
    generation++;
    session = undefined;
    inner.close();
    setTimeout(() => {
      if (!stopped) restart();
    }, 500);
  }

  function restart(): void {
    live().catch(() => {
      if (!stopped) setTimeout(restart, 1000); // the server is away
    });
  }

  function befallen(inner: TandemChannel, isAlive: () => boolean): TandemChannel {
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
        if (event === "upload" && reply.ok) {
          const { round: of, hash } = body as TandemRequests["upload"]["request"];
          options.onAcknowledged?.({ slot, round: of, hash });
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
          if (fault) options.onFault?.(fault);
          const moment = (slot * 137) % 700;
          switch (fault) {
            case "drop": {
              const wake = () =>
                isAlive() && ready && inner.request("ready", ready).catch(() => {});
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
              setTimeout(() => isAlive() && crash(inner), moment);
              break;
          }
          handler(body);
        }),
    };
  }

  await live();
  return {
    async stop() {
      stopped = true;
      const living = await session?.catch(() => undefined);
      await living?.leave();
    },
  };
}

/** A store that the dead no longer reach. */
function mortal(store: ClientStore, isAlive: () => boolean): ClientStore {
  const never = new Promise<never>(() => {});
  const guarded =
    <Args extends unknown[], T>(use: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      isAlive() ? use(...args) : never;
  return {
    get: guarded(store.get),
    set: guarded(store.set),
    delete: guarded(store.delete),
    keys: guarded(store.keys),
  };
}

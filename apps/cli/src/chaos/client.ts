import { soleIdentity } from "@tandem/client/identity";
import { type Session, startSession } from "@tandem/client/session";
import type { ClientStore } from "@tandem/core/stores";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import type { TandemChannel } from "@tandem/protocol/events";
import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { strategyNamed } from "@tandem/strategies/registry";
import { connectSocket } from "@tandem/transport/socket-client";
import { type Befalling, befallenChannel } from "./befallen-channel";
import { clockSkewOf } from "./faults";

export type ChaosClient = { stop(): Promise<void> };

export type ChaosClientOptions = Befalling & {
  readonly experiment: string;
  readonly onEnd: (reason: string) => void;
};

/**
 * A client in this process over real sockets and HTTP, with a clock that is wrong, that faults befall by
 * the seed. Needs a tfjs backend.
 */
export async function startChaosClient(options: ChaosClientOptions): Promise<ChaosClient> {
  const { experiment, slot, line, seed } = options;
  const store = createMemoryClientStore();
  const keys = createMemoryKeyStore();
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
        channel: befallenChannel(inner, options, { isAlive, attempts, crash: () => crash(inner) }),
        store: mortal(store, isAlive),
        keys,
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

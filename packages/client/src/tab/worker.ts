import { TandemError } from "@tandem/core/errors";
import { startBrowserEngine } from "@tandem/engine/browser";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { strategyNamed } from "@tandem/strategies/registry";
import { connectSocket } from "@tandem/transport/socket-client";
import { type ClientState, initialState, type JoinOptions, type PageToWorker } from "../messages";
import { type Session, startSession } from "../session";
import { openClientMemory } from "../stored-context";
import { openKeeping } from "./keeping";
import { reportUnreachable } from "./report-unreachable";
import { servePage } from "./serve-page";

// Composition root of a tab: everything that computes or talks to the server runs here.
let state: ClientState = initialState;
let scheduled = false;

/** At most 20 messages a second, and always the last state. */
const update = (change: Partial<ClientState> | ((state: ClientState) => Partial<ClientState>)) => {
  state = { ...state, ...(typeof change === "function" ? change(state) : change) };
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    self.postMessage({ type: "state", state });
  }, 50);
};

/** Of what goes on all the same. */
const notice = (text: string) =>
  update(({ notices }) => ({ notices: [...notices.filter((other) => other !== text), text] }));

async function join(options: JoinOptions): Promise<Session> {
  const { url, prefer, avoid, wasmPath } = options;
  update({ ...initialState, phase: "probing" });
  // A secure context, which hashing and IndexedDB want as well.
  if (!navigator.locks)
    throw new TandemError("not-supported", "Open this page over https or as localhost.");
  const gpu = (navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] }).gpu;
  const { backend, report } = await startBrowserEngine({ wasmPath, prefer, avoid, gpu });
  update({ device: { backend, report }, phase: "joining" });
  const { store, claimIdentity } = await keeping(navigator.locks);
  const channel = connectSocket({ url });
  const stopReporting = reportUnreachable({ channel, update });
  await new Promise<void>((resolve) => channel.onConnection((online) => online && resolve()));
  const session = startSession(
    {
      channel,
      store,
      claimIdentity,
      now: () => performance.now(),
      device: backend,
      strategy: (name, config) => strategyNamed(name).client(config),
      createModel,
      createTrainer: ({ tokenizer }) =>
        createTrainer({
          tokenizer,
          onSmallerBatch: (size) =>
            notice(`Memory ran out: this tab goes on with at most ${size} samples at a time.`),
        }),
      exhausted: (error) => {
        setTimeout(() => {
          throw error; // the page hears of it
        });
      },
      update,
    },
    options,
  );
  session.then(({ finished }) => finished).then(stopReporting, stopReporting);
  return session;
}

const keeping = (locks: LockManager) =>
  openKeeping({
    openStore: () => openIndexedDbClientStore("tandem"),
    openMemory: createMemoryClientStore,
    locks,
    notice,
  });

async function forget({ experiment, identity }: { experiment: string; identity: number }) {
  const { store, claimIdentity } = await keeping(navigator.locks);
  const { index, release } = await claimIdentity({ experiment, preferred: identity });
  try {
    if (index !== identity)
      throw new TandemError("conflict", "Another tab takes part as this client: leave there.");
    await openClientMemory(store, { experiment, identity }).clear();
    update({ phase: "left" });
  } finally {
    release();
  }
}

const serve = servePage({ join, forget, update });
self.addEventListener("message", ({ data }: MessageEvent<PageToWorker>) => serve(data));

import { messageOf, TandemError } from "@tandem/core/errors";
import { startBrowserEngine } from "@tandem/engine/browser";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import { strategyNamed } from "@tandem/strategies/registry";
import { connectSocket } from "@tandem/transport/socket-client";
import { type ClientState, initialState, type JoinOptions, type PageToWorker } from "./messages";
import { type Session, startSession } from "./session";

// Composition root of a tab: everything that computes or talks to the server runs here.
let state: ClientState = initialState;
let scheduled = false;
let session: Session | undefined;

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

async function join(options: JoinOptions): Promise<void> {
  const { url, prefer, wasmPath } = options;
  update({ ...initialState, phase: "probing" });
  const gpu = (navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] }).gpu;
  const { backend, report } = await startBrowserEngine({ wasmPath, prefer, gpu });
  update({ device: { backend, report } });
  const channel = connectSocket({ url });
  await new Promise<void>((resolve) => channel.onConnection((online) => online && resolve()));
  session = await startSession(
    {
      channel,
      store: await openIndexedDbClientStore("tandem"),
      now: () => performance.now(),
      device: backend,
      strategy: (name, config) => strategyNamed(name).client(config),
      createModel,
      createTrainer,
      update,
    },
    options,
  );
}

self.addEventListener("message", ({ data }: MessageEvent<PageToWorker>) => {
  if (data.type === "leave") {
    void session?.leave();
    return;
  }
  join(data.options).catch((error) => {
    const code = error instanceof TandemError ? error.code : "unavailable";
    update({ phase: "failed", error: { code, message: messageOf(error) } });
  });
});

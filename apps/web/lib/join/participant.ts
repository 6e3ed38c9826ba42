import {
  type ClientState,
  initialState,
  type JoinOptions,
  type PageToWorker,
} from "@tandem/client/messages";
import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import { createStore, type StoreApi } from "zustand/vanilla";
import { basePath } from "../base-path";
import { deviceText } from "./client-sentence";
import { isOver, outOfReach } from "./phases";
import { type ClientWorker, createWorkerSlot } from "./worker-slot";

export type Participant = {
  readonly store: StoreApi<ClientState>;
  join(options: JoinOptions): void;
  /** Stops computing and closes the connection; the place is kept for a while. */
  pause(): void;
  resume(): void;
  /** Ends it, and has the browser keep nothing of it; `erase`: nor the server. */
  leave(how?: { readonly erase: boolean }): void;
  /** The same for a client that was before, and that no tab is now. */
  forget(client: { readonly experiment: string; readonly identity: number }): void;
  /** Has the server erase what this browser has sent to an experiment, as whatever client. */
  erase(from: { readonly url: string; readonly experiment: string }): void;
  /** Ends the worker without a word to the server, as closing the tab does. */
  dispose(): void;
};

/** Parts that have not changed stay the same object, so that nothing is drawn again for them. */
function steady(before: ClientState, now: ClientState): ClientState {
  const same = (key: "device" | "history" | "notices") =>
    JSON.stringify(before[key]) === JSON.stringify(now[key]);
  const samePreview =
    before.preview.length === now.preview.length &&
    before.assignment?.client === now.assignment?.client;
  return {
    ...now,
    ...(same("device") && { device: before.device }),
    ...(same("history") && { history: before.history }),
    ...(same("notices") && { notices: before.notices }),
    ...(samePreview && { preview: before.preview }),
  };
}

/** Of one client without a finished round in between; then the tab gives up. */
const restarts = 3;

/** Whether the way to compute is to blame, and not our code. */
const isOfBackend = (message: string) =>
  /WebG(PU|L):/.test(message) || isOutOfMemory(new Error(message));

/** Whether its backend has been refused, and another may do; "cpu" is the last. */
const isForAnother = ({ phase, error, device }: ClientState, { prefer }: JoinOptions): boolean =>
  phase === "failed" &&
  error?.code === "wrong-backend" &&
  device.backend !== "cpu" &&
  device.backend !== prefer;

/** Between two looks at a server that could not be reached. */
const lookAgainMs = 3000;

type Client = { identity: number | undefined; joined: boolean; rounds: number; breaks: number };
const newClient = (identity?: number): Client => ({
  identity,
  joined: false,
  rounds: 0,
  breaks: 0,
});

/**
 * The page's side of the client: a store that mirrors the worker's state. A worker that breaks after it
 * has joined is replaced: the next takes the same client over from what the browser has stored. One that
 * cannot begin without the server waits for it.
 */
export function createParticipant(
  start: () => ClientWorker,
  {
    store = createStore<ClientState>(() => initialState),
    pause = (ms: number, then: () => void): unknown => setTimeout(then, ms),
    isReachable = isServerThere,
  } = {},
): Participant {
  const slot = createWorkerSlot(start, pause);
  const { dispose, later, stillThis } = slot;
  /** Of the client that the workers take over one after another. */
  let client = newClient();
  let latest: JoinOptions | undefined;
  let notices: readonly string[] = [];
  const fail = (message: string) =>
    store.setState({ phase: "failed", error: { code: "unavailable", message } });

  const refused = (why: string) =>
    fail(
      `This browser does not start the part of the page that computes (${why}). Use a current browser, and let this site run workers.`,
    );

  function begin(options: JoinOptions): void {
    latest = options;
    const onState = (state: ClientState) => {
      if (isForAnother(state, options)) {
        client.identity = state.identity ?? client.identity;
        store.setState({ device: state.device });
        return goOn(options, { refusal: state.error?.message });
      }
      if (state.phase === "failed" && !client.joined) return void judge(state, options);
      const { identity = client.identity, assignment, history } = state;
      if (history.length > client.rounds) client.breaks = 0;
      const rounds = Math.max(client.rounds, history.length);
      client = { ...client, identity, rounds, joined: client.joined || assignment !== undefined };
      const shown = { ...state, notices: [...notices, ...state.notices] };
      store.setState(steady(store.getState(), shown), true);
      if (isOver(state)) dispose();
    };
    const broken = (message: string) => replace(options, message);
    slot.run({ type: "join", options }, { state: onState, broken, refused });
  }

  /** Whatever kept it out: without the server even its parts are missing. */
  async function judge(failed: ClientState, options: JoinOptions): Promise<void> {
    dispose();
    const isThis = stillThis();
    const isThere = await isReachable();
    if (!isThis()) return;
    if (isThere) return store.setState(failed, true);
    store.setState({ phase: "joining", connection: "offline", error: outOfReach });
    later(lookAgainMs, () => void beginWhenThere(options));
  }

  async function beginWhenThere(options: JoinOptions): Promise<void> {
    const isThis = stillThis();
    const isThere = await isReachable();
    if (!isThis()) return;
    if (!isThere) return later(lookAgainMs, () => void beginWhenThere(options));
    client.breaks = 0;
    store.setState({ phase: "probing", connection: "connecting", error: undefined });
    begin(options);
  }

  function replace(options: JoinOptions, message: string): void {
    dispose();
    client.breaks++;
    if (!client.joined || client.breaks > restarts) {
      const why = message || "its parts could not be loaded";
      const text = `This tab's computing part broke: ${why}. Check that the server is running, then reload.`;
      const error = { code: "unavailable", message: text };
      const failed: ClientState = { ...store.getState(), phase: "failed", error };
      return void judge(failed, { ...options, identity: client.identity });
    }
    goOn(options, { broke: message });
  }

  /** With another worker, and without a backend that is to blame. */
  function goOn(
    options: JoinOptions,
    why: { readonly broke: string } | { readonly refusal: string | undefined },
  ): void {
    dispose();
    const { backend } = store.getState().device;
    const isBlamed =
      backend && backend !== options.prefer && ("refusal" in why || isOfBackend(why.broke));
    const avoid = [...(options.avoid ?? []), ...(isBlamed ? [backend] : [])];
    const how = isBlamed ? `goes on without ${deviceText[backend]}` : "has started again";
    const notice =
      "refusal" in why
        ? `This tab ${how}: ${why.refusal}`
        : `The computing part of this tab broke and ${how} (${why.broke}).`;
    notices = [...notices.filter((other) => other !== notice), notice];
    store.setState({ phase: "probing", notices, stage: undefined, error: undefined });
    later(500 * 2 ** client.breaks, () => begin({ ...options, identity: client.identity, avoid }));
  }

  const clear = (message: PageToWorker, otherwise: (why: string) => string) =>
    clearBy(slot, store, message, { refused, broken: (why) => fail(otherwise(why)) });
  const forget: Participant["forget"] = (gone) => clear({ type: "forget", ...gone }, notRemoved);
  const erase: Participant["erase"] = (from) => clear({ type: "erase", ...from }, notErased);

  return {
    store,
    dispose,
    forget,
    erase,
    join(options) {
      client = newClient(options.identity);
      notices = [];
      store.setState({ ...initialState, phase: "probing" }, true);
      begin(options);
    },
    pause() {
      dispose();
      const { assignment } = store.getState();
      const phase = assignment ? "paused" : "left"; // before that there is nothing to go on with
      store.setState({ phase, stage: undefined, error: undefined });
    },
    resume() {
      if (!latest) return;
      store.setState({ phase: "probing", connection: "connecting" });
      begin({ ...latest, identity: client.identity });
    },
    leave({ erase: isErased } = { erase: false }) {
      const { assignment, identity } = store.getState();
      if (!slot.isEmpty() && (assignment || identity !== undefined))
        return slot.say({ type: "leave", erase: isErased });
      if (latest && client.joined && isErased)
        return erase({ url: latest.url, experiment: latest.experiment });
      if (latest && client.joined && client.identity !== undefined)
        return forget({ experiment: latest.experiment, identity: client.identity });
      dispose(); // no worker has a place that the server should know of
      store.setState({ ...initialState, phase: "left" }, true);
    },
  };
}

const notRemoved = (why: string) =>
  `What this browser keeps could not be removed (${why}): clear this site's data.`;
const notErased = (why: string) =>
  `The part of this page that has it erased broke (${why}): reload it, and try again.`;

/** Whatever is to be removed or erased, by a worker that does nothing else. */
function clearBy(
  { run, dispose }: ReturnType<typeof createWorkerSlot>,
  store: StoreApi<ClientState>,
  message: PageToWorker,
  on: Record<"refused" | "broken", (why: string) => void>,
): void {
  store.setState({ ...initialState, phase: "probing" }, true);
  run(message, {
    state(state) {
      if (!isOver(state)) return;
      dispose();
      store.setState(state, true);
    },
    broken(why) {
      dispose();
      on.broken(why);
    },
    refused: on.refused,
  });
}

const isServerThere = (): Promise<boolean> =>
  fetch(`${basePath}/healthz`, { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );

import {
  type ClientState,
  initialState,
  type JoinOptions,
  type PageToWorker,
  type WorkerToPage,
} from "@tandem/client/messages";
import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import { createStore, type StoreApi } from "zustand/vanilla";
import { deviceText } from "./client-sentence";

/** What of a worker this store uses. */
export type ClientWorker = Pick<Worker, "postMessage" | "terminate"> & {
  onmessage: ((event: MessageEvent<WorkerToPage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};

export type Participant = {
  readonly store: StoreApi<ClientState>;
  join(options: JoinOptions): void;
  leave(): void;
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

/** Nothing goes on in this tab any more. */
export const isOver = (state: ClientState): boolean =>
  ["finished", "left", "failed"].includes(state.phase);

/** It ended before the server gave it a place: there is nothing to show but the reason. */
export const neverJoined = (state: ClientState): boolean => isOver(state) && !state.assignment;

/** Of one client without a finished round in between; then the tab gives up. */
const restarts = 3;

/** Whether the way to compute is to blame, and not our code. */
const isOfBackend = (message: string) =>
  message.includes("WebGPU:") || isOutOfMemory(new Error(message));

/**
 * The page's side of the client: a store that mirrors the worker's state. A worker that breaks after it
 * has joined is replaced: the next takes the same client over from what the browser has stored.
 */
export function createParticipant(
  start: () => ClientWorker,
  pause = (ms: number, then: () => void): unknown => setTimeout(then, ms),
): Participant {
  const store = createStore<ClientState>(() => initialState);
  let worker: ClientWorker | undefined;
  /** Counts workers and ends, to know what is still wanted. */
  let generation = 0;
  /** Of the client that the workers take over one after another. */
  let client = { identity: undefined as number | undefined, joined: false, rounds: 0, breaks: 0 };
  let notices: readonly string[] = [];
  const say = (message: PageToWorker) => worker?.postMessage(message);
  const dispose = () => {
    generation++;
    worker?.terminate();
    worker = undefined;
  };

  function begin(options: JoinOptions): void {
    dispose();
    const own = generation;
    worker = start();
    worker.onmessage = ({ data: { state } }) => {
      if (generation !== own) return;
      const { identity = client.identity, assignment, history } = state;
      if (history.length > client.rounds) client.breaks = 0;
      const rounds = Math.max(client.rounds, history.length);
      client = { ...client, identity, rounds, joined: client.joined || assignment !== undefined };
      const shown = { ...state, notices: [...notices, ...state.notices] };
      store.setState(steady(store.getState(), shown), true);
      if (isOver(state)) dispose();
    };
    worker.onerror = ({ message }) => {
      if (generation === own) replace(options, message || "its parts could not be loaded");
    };
    say({ type: "join", options });
  }

  function replace(options: JoinOptions, message: string): void {
    dispose();
    client.breaks++;
    if (!client.joined || client.breaks > restarts) {
      const text = `This tab's computing part broke: ${message}. Check that the server is running, then reload.`;
      store.setState({ phase: "failed", error: { code: "unavailable", message: text } });
      return;
    }
    const { backend } = store.getState().device;
    const isBlamed = backend && isOfBackend(message) && backend !== options.prefer;
    const avoid = [...(options.avoid ?? []), ...(isBlamed ? [backend] : [])];
    const how = isBlamed ? `goes on without ${deviceText[backend]}` : "has started again";
    const notice = `The computing part of this tab broke and ${how} (${message}).`;
    notices = [...notices.filter((other) => other !== notice), notice];
    store.setState({ phase: "probing", notices, stage: undefined, error: undefined });
    const own = generation;
    pause(500 * 2 ** client.breaks, () => {
      if (generation === own) begin({ ...options, identity: client.identity, avoid });
    });
  }

  return {
    store,
    dispose,
    join(options) {
      client = { identity: options.identity, joined: false, rounds: 0, breaks: 0 };
      notices = [];
      store.setState({ ...initialState, phase: "probing" }, true);
      begin(options);
    },
    leave() {
      if (worker && store.getState().assignment) return say({ type: "leave" });
      dispose(); // no worker has a place that the server should know of
      store.setState({ ...initialState, phase: "left" }, true);
    },
  };
}

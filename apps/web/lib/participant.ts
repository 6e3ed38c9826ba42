import {
  type ClientState,
  initialState,
  type JoinOptions,
  type PageToWorker,
  type WorkerToPage,
} from "@tandem/client/messages";
import { createStore, type StoreApi } from "zustand/vanilla";

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
  const same = (key: "device" | "history") =>
    JSON.stringify(before[key]) === JSON.stringify(now[key]);
  const samePreview =
    before.preview.length === now.preview.length &&
    before.assignment?.client === now.assignment?.client;
  return {
    ...now,
    ...(same("device") && { device: before.device }),
    ...(same("history") && { history: before.history }),
    ...(samePreview && { preview: before.preview }),
  };
}

const over = (state: ClientState) => ["finished", "left", "failed"].includes(state.phase);

/** It ended before the server gave it a place: there is nothing to show but the reason. */
export const neverJoined = (state: ClientState): boolean => over(state) && !state.assignment;

/** The page's side of the client: a store that mirrors the worker's state. */
export function createParticipant(start: () => ClientWorker): Participant {
  const store = createStore<ClientState>(() => initialState);
  let worker: ClientWorker | undefined;
  const say = (message: PageToWorker) => worker?.postMessage(message);
  const dispose = () => {
    worker?.terminate();
    worker = undefined;
  };
  return {
    store,
    dispose,
    join(options) {
      dispose();
      store.setState({ ...initialState, phase: "probing" }, true);
      worker = start();
      worker.onmessage = ({ data }) => {
        store.setState(steady(store.getState(), data.state), true);
        if (over(data.state)) dispose();
      };
      worker.onerror = (event) => {
        const message =
          event.message ||
          "This page could not load all of its parts. Check that the server is running, then reload.";
        store.setState({ phase: "failed", error: { code: "unavailable", message } });
        dispose();
      };
      say({ type: "join", options });
    },
    leave() {
      if (store.getState().assignment) return say({ type: "leave" });
      dispose(); // it has no place yet that the server should know of
      store.setState({ ...initialState, phase: "left" }, true);
    },
  };
}

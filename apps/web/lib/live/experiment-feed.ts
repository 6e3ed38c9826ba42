import type { TandemChannel } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import { changedView } from "@tandem/protocol/view-change";
import { createStore, type StoreApi } from "zustand/vanilla";

export type Feed = {
  readonly view: ExperimentView;
  /** "lost" once a connection has been there, "unreachable" before: what is shown may be old. */
  readonly connection: "connecting" | "unreachable" | "live" | "lost";
  /** Why no more news come, if so. */
  readonly refusal?: string | undefined;
  /** It has been deleted. */
  readonly isGone?: boolean;
};

/** An experiment as it changes. Starts from the view that the page came with. */
export function createFeed(view: ExperimentView): StoreApi<Feed> {
  return createStore<Feed>(() => ({ view, connection: "connecting" }));
}

const patienceMs = 5000;

/** Keeps the feed up to date, over reconnections too, until the result is called. */
export function follow(feed: StoreApi<Feed>, channel: TandemChannel): () => void {
  const { id } = feed.getState().view;
  const timer = setTimeout(() => {
    if (feed.getState().connection === "connecting") feed.setState({ connection: "unreachable" });
  }, patienceMs);
  /** Changes heard since the whole view; none before that has come. */
  let heard: number | undefined;
  function ask(): void {
    heard = undefined;
    channel.request("watch", { experiment: id, changes: true }).then(
      (reply) =>
        feed.setState(
          reply.ok
            ? { refusal: undefined }
            : { refusal: reply.error.message, isGone: reply.error.code === "not-found" },
        ),
      () => {}, // lost with the connection; the next one asks again
    );
  }
  channel.on("view", (view) => {
    if (view.id !== id) return;
    heard = 0;
    feed.setState({ view, isGone: false }); // a backup may have brought it back
  });
  channel.on("change", (change) => {
    if (change.id !== id || heard === undefined) return;
    if (change.number !== heard + 1) return ask();
    heard = change.number;
    feed.setState(({ view }) => ({ view: changedView(view, change) }));
  });
  channel.on("finish", ({ removed }) => {
    if (removed) feed.setState({ isGone: true });
  });
  channel.onConnection((connected) => {
    const before = feed.getState().connection;
    feed.setState({ connection: connected ? "live" : before === "live" ? "lost" : before });
    if (connected) ask();
  });
  return () => {
    clearTimeout(timer);
    channel.close();
  };
}

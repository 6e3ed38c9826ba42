import { setTimeout as sleep } from "node:timers/promises";
import { connectSocket } from "@tandem/transport/socket-client";
import { serveCompanion } from "../chaos/companion";
import { addressOf } from "./addresses";

/** Connections to a server that believes this machine as a proxy; the first has the address of this index. */
export type HolderJob = { readonly url: string; readonly first: number };
/** How many there are to be from now on; never fewer than before. */
export type Hold = { readonly count: number };
export type Held = {
  readonly open: number;
  /** Connections that have broken after they were open; each is opened again. */
  readonly lost: number;
};

const [tellMs, openingAtOnce] = [250, 32] as const;

/** Holds connections that say nothing. */
serveCompanion<HolderJob, Hold, Held>(async ({ url, first }, { signal, onNote, tell }) => {
  let [wanted, begun, open, lost] = [0, 0, 0, 0];
  const channels: { close(): void }[] = [];
  onNote(({ count }) => {
    wanted = count;
  });
  const openOne = () => {
    const headers = { "x-forwarded-for": addressOf(first + begun++) };
    const channel = connectSocket({ url, headers });
    channels.push(channel);
    let isOpen = false;
    channel.onConnection((isUp) => {
      if (isUp === isOpen) return;
      isOpen = isUp;
      open += isUp ? 1 : -1;
      if (!isUp) lost++;
    });
  };
  while (!signal.aborted) {
    while (begun < wanted && begun - open < openingAtOnce) openOne();
    await tell({ open, lost });
    const isOpening = begun < wanted || open < begun;
    await sleep(isOpening ? 20 : tellMs, undefined, { signal }).catch(() => {});
  }
  for (const channel of channels) channel.close();
});

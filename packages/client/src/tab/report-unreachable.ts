import type { TandemChannel } from "@tandem/protocol/events";
import type { ClientState } from "../messages";

type Options = {
  readonly channel: Pick<TandemChannel, "onConnection">;
  readonly update: (change: Pick<ClientState, "error">) => void;
  readonly patienceMs?: number;
};

/** Says so when the server stays out of reach, until the result is called; the channel tries on. */
export function reportUnreachable({ channel, update, patienceMs = 5000 }: Options): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = channel.onConnection((connected) => {
    clearTimeout(timer);
    if (connected) return;
    timer = setTimeout(() => {
      const message =
        "The server cannot be reached. Check this device's network, or ask whoever runs the server whether it is on; this page keeps trying.";
      update({ error: { code: "unavailable", message } });
    }, patienceMs);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

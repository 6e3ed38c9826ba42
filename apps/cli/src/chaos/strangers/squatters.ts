import type { SocketLine } from "./socket-line";
import type { Kind } from "./stranger";

/** By default, of the places of one experiment. */
const shareOfAddress = 0.5;

export const squatters: Kind = {
  name: "squatters",
  does: "take all places of an experiment from one address, and are never ready",
  never:
    "one address holds more than half of the places, or keeps one for much longer than a place waits",
  async visit({ socket, judge, around, pause, signal }) {
    const { experiments, places, readyWithinMs } = around;
    const lines: SocketLine[] = [];
    const held: SocketLine[] = [];
    for (let i = 0; i < places && !signal.aborted; i++) {
      const line = await socket();
      if (!line) break;
      lines.push(line);
      const joined = await line.join(experiments.small);
      judge.allowed("join", joined);
      if (joined?.isTaken) held.push(line);
    }
    const since = Date.now();
    const most = Math.ceil(shareOfAddress * places);
    const { length } = held;
    judge.never(
      `one address holds ${length} of ${places} places`,
      length > most,
      "share of places",
    );
    const isOut = (line: SocketLine) => line.heard.includes("dismissed") || !line.socket.connected;
    while (!held.every(isOut) && !signal.aborted && Date.now() - since < readyWithinMs + 15_000)
      await pause(500);
    if (!signal.aborted)
      for (const line of held) judge.never("a place is kept, never ready", !isOut(line), "put out");
    for (const line of lines) line.close();
    await pause(5000);
  },
};

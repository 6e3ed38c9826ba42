import { type Kind, pick } from "./stranger";

const frames = 1500;
/** That a connection may send at once. */
const burst = 200;

export const flooders: Kind = {
  name: "flooders",
  does: "send events without end, known and unknown, and come back at once when they are cut off",
  never: "a connection that floods is answered far beyond its limit, or left open",
  async visit({ socket, judge, around, rng, pause }) {
    const line = await socket();
    if (!line) return;
    let answered = 0;
    const events = ["none", "watch", "progress", "challenge", "__proto__"];
    const body = {
      experiment: around.experiments.honest,
      pad: "x".repeat(pick(rng, [10, 500, 3000])),
    };
    for (let i = 0; i < frames; i++)
      line.socket.emit(pick(rng, events), body, () => {
        answered++;
      });
    const isCut = await line.closed(15_000);
    judge.never("a connection that floods stays open", !isCut, "cut off");
    judge.never(`${answered} of ${frames} were answered`, answered > 3 * burst, "not answered");
    line.close();
    await pause(100 + rng.integer(400));
  },
};

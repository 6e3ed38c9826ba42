import type { Kind } from "./stranger";

/** What they leave behind in the store is checked after the run. */
export const revolving: Kind = {
  name: "revolving",
  does: "joins and leaves in a loop, with and without a word",
  never: "records of clients that have answered nothing pile up",
  async visit({ socket, judge, around, rng, pause, signal }) {
    const line = await socket();
    if (!line) return;
    for (let i = 0; i < 10 && !signal.aborted; i++) {
      judge.allowed("join", await line.join(around.experiments.honest));
      if (rng.uniform() < 0.3) break;
      judge.allowed("leave", await line.ask("leave", {}));
      await pause(50);
    }
    line.close();
  },
};

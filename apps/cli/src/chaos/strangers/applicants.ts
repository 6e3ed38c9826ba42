import type { Kind } from "./stranger";

/** How many wait is read after the run. */
export const applicants: Kind = {
  name: "applicants",
  does: "ask to take part in masses, from one address and from many",
  never: "one has a place, or more than 100 wait",
  async visit({ socket, judge, around, otherAddress, rng, pause, signal }) {
    const { approved } = around.experiments;
    const consent = around.consents.approved;
    for (let i = 0; i < 10 && !signal.aborted; i++) {
      const line = await socket({}, rng.uniform() < 0.7 ? otherAddress() : undefined);
      if (!line) continue;
      const wish = { consent, name: `Applicant ${rng.integer(1e6)}` };
      judge.refused("join", await line.join(approved, wish));
      // Waiting gives a token and nothing else.
      judge.refused(
        "join while waiting",
        await line.join(approved, { ...wish, token: line.token() }),
      );
      judge.refused("ready while waiting", await line.ask("ready", { samples: 1, device: "none" }));
      line.close();
      await pause(50);
    }
  },
};

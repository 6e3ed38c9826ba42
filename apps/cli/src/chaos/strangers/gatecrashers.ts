import { randomBytes } from "node:crypto";
import type { Kind } from "./stranger";

export const gatecrashers: Kind = {
  name: "gatecrashers",
  does: "join a study by invitation without one, by a revoked one and by guesses",
  never: "one is let in",
  async visit({ socket, judge, around, pause, signal }) {
    const { experiments, consents, revoked } = around;
    const consent = consents.invited;
    for (const wish of [
      {},
      { consent },
      { consent, invitation: revoked },
      { consent, invitation: revoked.toLowerCase() },
      { consent, invitation: randomBytes(24).toString("base64url") },
      { consent: "0".repeat(64), invitation: revoked },
      { consent, invitation: "" },
      { consent, invitation: "../../etc/passwd" },
      { consent, token: randomBytes(24).toString("base64url") },
    ]) {
      if (signal.aborted) return;
      const line = await socket();
      if (!line) continue;
      judge.refused(
        `join with ${JSON.stringify(wish)}`,
        await line.join(experiments.invited, wish),
      );
      line.close();
      await pause(50);
    }
  },
};

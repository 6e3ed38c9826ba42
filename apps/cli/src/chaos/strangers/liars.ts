import { echoOf, placeAmongHonest, put } from "./answering";
import { type Kind, pick } from "./stranger";

const lies = [
  { accuracy: 2 },
  { accuracy: -1 },
  { "invented/by-a-stranger": 1 },
  { samples: 2 ** 31 - 1 },
  { loss: 1e300 },
];

/** What their places weigh is read from the store after the run. */
export const liars: Kind = {
  name: "liars",
  does: "say that they have a million samples and measures that nobody has, with answers of the right shape",
  never: "a place weighs more than was dealt to it, or a measure out of its range is taken",
  async visit(self) {
    const { judge, rng } = self;
    const line = await placeAmongHonest(self, { samples: 1_000_000, device: "none", speed: 1e6 });
    if (!line) return;
    for (const samples of [2 ** 31 - 1, 1e12, -1])
      judge.refused(`ready with ${samples}`, await line.ask("ready", { samples, device: "none" }));
    const echo = await echoOf(self, line);
    if (echo) {
      const { hash, answer } = await put(self, line.token(), echo);
      judge.allowed("put", answer);
      const metrics = pick(rng, lies);
      judge.refused(`upload with ${JSON.stringify(metrics)}`, await line.upload(hash, { metrics }));
      judge.allowed("upload", await line.upload(hash, { metrics: { accuracy: 1 }, speed: 1e6 }));
    }
    await self.pause(500);
    await line.ask("leave", {});
    line.close();
  },
};

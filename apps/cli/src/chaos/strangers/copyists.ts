import { getBlob } from "./answering";
import { type Kind, pick } from "./stranger";

export const copyists: Kind = {
  name: "copyists",
  does: "copy the settings to be dealt the same data, and ask for others' data by its name",
  never: "data of another's place is read",
  async visit(self) {
    const { http, socket, judge, around, loot, rng, pause } = self;
    const config = {
      name: "Chaos",
      strategy: "fedavg",
      dataset: "emoji-style",
      seed: 1,
      slots: 12,
    };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(config);
    judge.refused(
      "create",
      await http({ method: "POST", path: "/api/experiments", headers, body }),
    );
    const place = pick(rng, loot.places);
    if (!place) return pause(500);
    for (const experiment of [around.experiments.honest, around.experiments.small]) {
      const line = await socket();
      if (!line) continue;
      const joined = await line.join(experiment);
      judge.allowed("join", joined);
      const own = joined?.reply.shard?.hash;
      // In a small experiment of the same settings a place may hold the same data as its own.
      if (own !== place.shard)
        judge.refused("read another's data", await getBlob(self, place.shard, line.token()));
      await line.ask("leave", {});
      line.close();
    }
    await pause(500);
  },
};

import { sha256Hex } from "@tandem/protocol/sha256";
import { type Kind, pick } from "./stranger";

export const thieves: Kind = {
  name: "thieves",
  does: "take places by stolen tokens, and send again joins and uploads that others have signed",
  never: "a place or an upload is taken so, or its owner put out",
  async visit({ socket, judge, around, loot, rng, pause }) {
    const place = pick(rng, loot.places);
    if (!place) return pause(500);
    const { honest, small } = around.experiments;
    const line = await socket();
    if (!line) return;
    judge.refused("join by a stolen token", await line.join(honest, { token: place.token }));
    judge.refused("a join sent again", await line.ask("join", place.join));
    await line.ask("challenge", {});
    judge.refused("a join sent again after a challenge", await line.ask("join", place.join));
    judge.refused(
      "join without a key",
      await line.join(honest, { token: place.token, key: undefined }),
    );
    judge.refused(
      "join elsewhere by a stolen key",
      await line.ask("join", { ...place.join, experiment: small }),
    );
    const upload = pick(rng, loot.uploads);
    if (upload) {
      judge.refused("an upload sent again", await line.ask("upload", upload.body));
      judge.allowed("join", await line.join(honest));
      judge.refused("an upload sent again from a place", await line.ask("upload", upload.body));
      const hash = await sha256Hex(Buffer.from("x"));
      judge.refused("an upload altered", await line.ask("upload", { ...upload.body, hash }));
      await line.ask("leave", {});
    }
    line.close();
    await pause(300);
  },
};

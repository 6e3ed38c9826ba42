import { randomFillSync } from "node:crypto";
import { getBlob, put } from "./answering";
import { type Kind, pick } from "./stranger";

const mib = 2 ** 20;
/** That one client may have waiting. */
const quota = 32 * mib;

export const hoarders: Kind = {
  name: "hoarders",
  does: "put blobs that nothing names, read others' and guess names",
  never:
    "one client has more than 32 MiB waiting, reads what is not its own, or learns what there is",
  async visit(self) {
    const { socket, judge, around, loot, rng, pause, signal } = self;
    const line = await socket();
    if (!line) return;
    const joined = await line.join(around.experiments.honest);
    judge.allowed("join", joined);
    const token = line.token();
    for (const owner of [undefined, token]) {
      const [theirs, none] = [
        await getBlob(self, pick(rng, loot.uploads)?.hash ?? "0".repeat(64), owner),
        await getBlob(self, Buffer.from(randomFillSync(new Uint8Array(32))).toString("hex"), owner),
      ];
      judge.refused("read another's upload", theirs);
      judge.refused("read a name that is none", none);
      if (theirs && none)
        judge.never("a name tells whether there is a blob", theirs.text !== none.text, "same 404");
    }
    const body = randomFillSync(new Uint8Array(4 * mib));
    let taken = 0;
    for (let i = 0; joined?.isTaken && i < 10 && !signal.aborted; i++) {
      body[0] = i;
      const { answer } = await put(self, token, body);
      judge.allowed("put", answer);
      if (answer?.isTaken) taken += body.length;
      else break;
    }
    judge.never(`a client has ${taken} bytes waiting`, taken > quota, "quota");
    judge.refused("put under another name", (await put(self, token, body, "0".repeat(64))).answer);
    judge.refused("put without a place", (await put(self, "y".repeat(32), body)).answer);
    await line.ask("leave", {});
    line.close();
    await pause(1000);
  },
};

import type { Rng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { requests } from "@tandem/protocol/events";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { put } from "./answering";
import { type Kind, pick } from "./stranger";

/** Whatever no client of ours would send. */
export const babblers: Kind = {
  name: "babblers",
  does: "send whatever JSON can hold to every event, bytes that are no payload, oversized frames",
  never: "the server breaks",
  async visit(self) {
    const { socket, judge, around, loot, rng, pause, signal } = self;
    const { honest } = around.experiments;
    const line = await socket();
    if (!line) return;
    const upload = async (hash: string) => {
      const wrong = [-1, 1e9, 0.5, "1", null];
      const altered = rng.uniform() < 0.5 ? {} : { round: pick(rng, wrong) };
      judge.refused("upload", await line.upload(hash, altered));
    };
    const putAnd = async (bytes: Uint8Array) => {
      const { hash, answer } = await put(self, line.token(), bytes);
      judge.allowed("put", answer);
      await upload(hash);
    };
    const fields = ["version", "slot", "name", "device", "modality", "experiment", "key", "extra"];
    const deeds: readonly (() => unknown)[] = [
      async () =>
        judge.allowed("event", await line.ask(pick(rng, Object.keys(requests)), nonsense(rng))),
      async () =>
        judge.refused(
          "event",
          await line.ask(pick(rng, ["__proto__", "toString", ""]), nonsense(rng)),
        ),
      async () =>
        judge.allowed("join", await line.join(honest, { [pick(rng, fields)]: nonsense(rng) })),
      async () => judge.allowed("ready", await line.ask("ready", { samples: 10, device: "\0" })),
      async () =>
        judge.allowed("fail", await line.ask("fail", { round: 1, message: "x".repeat(2000) })),
      () => putAnd(knowledge(rng)),
      () => putAnd(knowledge(rng).slice(0, rng.integer(100))),
      () => upload(pick(rng, [loot.uploads.at(-1)?.hash ?? "0".repeat(64), "0".repeat(64)])),
      () => line.socket.emit("upload", new Uint8Array(300_000)),
      () => line.socket.emit(pick(rng, Object.keys(requests)), nonsense(rng)),
    ];
    if (rng.uniform() < 0.5) judge.allowed("join", await line.join(honest));
    for (let i = 0; i < 20 && line.socket.connected && !signal.aborted; i++) {
      await pick(rng, deeds)();
      await pause(rng.integer(40));
    }
    if (rng.uniform() < 0.5) judge.allowed("leave", await line.ask("leave", {}));
    line.close();
  },
};

/** A payload that no strategy asks for, with numbers that are none. */
const knowledge = (rng: Rng) =>
  encodePayload({
    arrays: { [pick(rng, ["p/text", "w", "__proto__x"])]: f32([2], [rng.normal(), Number.NaN]) },
    meta: { round: rng.integer(5), set: null },
  });

const leaves = [null, true, -1, 1e308, 2 ** 53, "", "\0", "\ud800", "x".repeat(5000), "__proto__"];

/** Any JSON, a few levels deep. */
function nonsense(rng: Rng, depth = 0): unknown {
  const kind = depth > 3 ? 0 : rng.integer(4);
  const some = () => Array.from({ length: rng.integer(5) }, () => nonsense(rng, depth + 1));
  if (kind === 1) return some();
  if (kind === 2) return Object.fromEntries(some().map((value, i) => [`field${i}`, value]));
  if (kind === 3) return JSON.parse('{"__proto__":{"ok":true},"round":1,"experiment":"e"}');
  return pick(rng, leaves);
}

import { connect, type Socket } from "node:net";
import { type Kind, pick, type Stranger } from "./stranger";

/** Beyond the longest that the server waits for somebody who neither sends nor reads. */
const mostMs = 45_000;
const unread = "replies that nobody reads";

export const sluggards: Kind = {
  name: "sluggards",
  does: "begin headers and bodies and stop, ask much and read nothing, look on and do not read",
  never: "the server keeps a connection for more than 45 s on which nothing moves",
  async visit(self) {
    const { judge, rng, loot, around, socket, pause, signal } = self;
    const token = loot.places.at(-1)?.token ?? "x".repeat(32);
    const host = "Host: localhost";
    const joining = `GET /api/experiments/${around.experiments.honest}/joining HTTP/1.1\r\n${host}\r\n\r\n`;
    const ways: Readonly<Record<string, string>> = {
      "headers that do not end": `GET / HTTP/1.1\r\n${host}\r\nX-A: `,
      "a body that stops": `PUT /api/blobs/${"0".repeat(64)} HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 8000000\r\n\r\n{`,
      "a create that stops": `POST /api/sign-in HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{`,
      [unread]: joining.repeat(1000),
    };
    const what = pick(rng, Object.keys(ways));
    const held = Array.from({ length: 8 }, () => begin(self, ways[what]));
    if (what !== unread) for (const peer of held) peer.resume();
    const line = await socket();
    const { ws } = (line?.socket.io.engine.transport ?? {}) as { readonly ws?: { pause?(): void } };
    ws?.pause?.();
    for (let i = 0; line && i < 100; i++) line.socket.emit("challenge", {}, () => {});
    const since = Date.now();
    while (held.some(({ closed }) => !closed) && Date.now() - since < mostMs && !signal.aborted)
      await pause(200);
    for (const peer of held) peer.resume();
    await pause(2000);
    for (const peer of held) {
      if (!signal.aborted) judge.never(`${what}: still open`, !peer.closed, "closed");
      peer.destroy();
    }
    line?.close();
  },
};

/** Sends this much and reads nothing. */
function begin({ around }: Stranger, text: string): Socket {
  const { hostname, port } = new URL(around.url);
  const peer = connect(Number(port), hostname);
  peer.on("error", () => {});
  peer.write(text.replace("\r\n", "\r\nX-Forwarded-For: 198.51.100.200\r\n"));
  return peer;
}

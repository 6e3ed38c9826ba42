import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TandemError } from "@tandem/core/errors";
import type { TandemConnection } from "@tandem/protocol/events";
import { io, type Socket } from "socket.io-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectSocket } from "./socket-client";
import type { SocketLimits } from "./socket-guard";
import { serveSockets } from "./socket-server";

async function open(limits: Partial<SocketLimits> = {}) {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const connections: TandemConnection[] = [];
  const cutOff: TandemError[] = [];
  const sockets = serveSockets({
    server: http,
    limits,
    onCutOff: (reason) => cutOff.push(reason),
    onConnection(connection) {
      connections.push(connection);
      connection.handle("leave", async () => ({ ok: true }));
    },
  });
  onTestFinished(() => sockets.close());
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, connections, cutOff };
}

async function connected(url: string, transport = "websocket"): Promise<Socket> {
  const socket = io(url, { transports: [transport], reconnection: false, forceNew: true });
  onTestFinished(() => void socket.close());
  await once(socket as never, "connect");
  return socket;
}

test.each(["websocket", "polling"])(
  "whoever floods over %s is cut off with the reason, and what follows is not parsed",
  async (transport) => {
    const { url } = await open({ framesPerConnection: 4 });
    const parsed = vi.spyOn(JSON, "parse");
    onTestFinished(() => parsed.mockRestore());
    const socket = await connected(url, transport);
    const told = once(socket as never, "cut");
    const gone = once(socket as never, "disconnect");
    // Neither an event that there is, nor one that there is not, nor one without an answer is free.
    for (let i = 0; i < 2000; i++) socket.emit(["leave", "no-such-event"][i % 2], {});
    expect(await told).toEqual([
      { code: "too-many", message: expect.stringMatching(/too many messages of this page/) },
    ]);
    expect(await gone).toEqual(expect.arrayContaining(["io server disconnect"]));
    const ofServer = parsed.mock.calls.filter(([text]) => /^\["(leave|no-such)/.test(text));
    expect(ofServer.length).toBeGreaterThan(5);
    expect(ofServer.length).toBeLessThan(40);
  },
);

test("large frames cost more", async () => {
  const { url, cutOff } = await open({ framesPerConnection: 20 });
  const socket = await connected(url);
  for (let i = 0; i < 3; i++) socket.emit("leave", "x".repeat(200_000));
  await once(socket as never, "disconnect");
  expect(cutOff).toMatchObject([{ code: "too-many" }]);
});

test("web socket pings are charged", async () => {
  const { url, cutOff } = await open({ framesPerConnection: 4 });
  const socket = await connected(url);
  const { ws } = socket.io.engine.transport as unknown as { readonly ws: { ping?(): void } };
  for (let i = 0; i < 100; i++) ws.ping?.();
  await once(socket as never, "disconnect");
  expect(cutOff).toHaveLength(1);
});

test("of an address that sends too much, whoever sends most is cut off and may come back", async () => {
  const { url, cutOff } = await open({ framesPerAddress: 50, framesPerConnection: 1000 });
  const calm = connectSocket({ url });
  onTestFinished(() => calm.close());
  await new Promise<void>((resolve) => calm.onConnection((up) => up && resolve()));
  const flood = await connected(url);
  for (let i = 0; i < 500; i++) flood.emit("leave", {});
  const [why] = await once(flood as never, "disconnect");
  expect(why).toBe("transport close");
  expect(cutOff).toMatchObject([{ message: expect.stringMatching(/of your network/) }]);
  expect(await calm.request("leave", {})).toEqual({ ok: true });
});

test("a class behind one address is served: 64 tabs, each with four reports a second and more", async () => {
  const { url, cutOff } = await open();
  const sockets = await Promise.all(Array.from({ length: 64 }, () => connected(url)));
  for (let round = 0; round < 8; round++) {
    await Promise.all(sockets.map((socket) => socket.emitWithAck("leave", {})));
    await sleep(100);
  }
  expect(cutOff).toEqual([]);
}, 20_000);

test("an address has only so many sessions, those that poll too", async () => {
  const { url, connections } = await open({ sessionsPerAddress: 3 });
  const hello = async () => {
    const response = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
    if (!response.ok) return response.status;
    const { sid } = JSON.parse((await response.text()).slice(1));
    const path = `${url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
    return (await fetch(path, { method: "POST", body: "40" })).status;
  };
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push(await hello());
  expect(statuses).toEqual([200, 200, 200, 400, 400]);
  expect(connections).toHaveLength(3);
});

test("a watcher that does not read holds no more than two views, and is cut off", async () => {
  const { port, connections, cutOff } = await open({ unreadMs: 500 });
  const raw = connect(port, "127.0.0.1");
  onTestFinished(() => void raw.destroy());
  raw.write(
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(raw, "data");
  raw.pause();
  raw.write(frame("40"));
  await expect.poll(() => connections.length).toBe(1);
  const [watcher] = connections;
  const closed = new Promise<void>((resolve) => watcher.onClose(resolve));
  const view = { text: "x".repeat(4 * 2 ** 20) };
  for (let i = 0; i < 30; i++) watcher.sendLatest(() => ["view", view as never]);
  await sleep(700);
  // One is on its way into the full pipe, one waits; not thirty.
  expect(watcher.bytes.down).toBeLessThan(3 * 4 * 2 ** 20);
  watcher.send("restart", { afterMs: 1 });
  await closed;
  expect(cutOff).toMatchObject([{ code: "timeout" }]);
});

test("whoever asks and does not read the answers is cut off", async () => {
  const { url, cutOff, connections } = await open({ unreadBytes: 10_000 });
  const socket = await connected(url);
  const ws = (socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void } } }).ws;
  ws._socket.pause();
  const [connection] = connections;
  const closed = new Promise<void>((resolve) => connection.onClose(resolve));
  for (let i = 0; i < 4000; i++) connection.send("finish", { reason: "x".repeat(5000) });
  await closed;
  expect(cutOff).toMatchObject([{ code: "timeout" }]);
  expect(connection.bytes.down).toBeLessThan(2 ** 20);
});

test("whoever reads slowly gets the last view", async () => {
  const { url, connections } = await open();
  const socket = await connected(url);
  const seen: number[] = [];
  const pad = "x".repeat(2 ** 20);
  socket.on("view", ({ n }) => seen.push(n));
  const ws = (
    socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }
  ).ws;
  ws._socket.pause();
  for (let n = 0; n < 40; n++) connections[0].sendLatest(() => ["view", { n, pad } as never]);
  ws._socket.resume();
  await expect.poll(() => seen.at(-1)).toBe(39);
  expect(seen.length).toBeLessThan(40);
});

/** A masked text frame of a client, of less than 126 bytes. */
const frame = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

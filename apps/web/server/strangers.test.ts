import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect as dial } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { signing } from "@tandem/coordinator/testing/signing";
import { experiment } from "@tandem/coordinator/testing/world";
import { protocolVersion } from "@tandem/protocol/events";
import { connectSocket } from "@tandem/transport/socket-client";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { from, openServer as open } from "./testing/open-server";

test.each(["websocket", "polling"])(
  "a page of another site neither takes part nor looks on over %s",
  async (transport) => {
    const { url, coordinator } = await open();
    const { id } = await coordinator.create(experiment());
    const options = {
      transports: [transport],
      extraHeaders: { origin: "https://elsewhere.example" },
    };
    const socket = io(url, { ...options, reconnection: false, forceNew: true });
    onTestFinished(() => void socket.close());
    await once(socket as never, "connect");
    const heard: string[] = [];
    socket.onAny((event) => heard.push(event));
    const join = { version: protocolVersion, experiment: id, device: "test" };
    for (const [event, body] of [
      ["join", join],
      ["watch", { experiment: id }],
    ])
      expect(await socket.emitWithAck(event as string, body)).toMatchObject({
        ok: false,
        error: { code: "forbidden" },
      });
    await coordinator.start(id);
    await sleep(300);
    expect(heard).toEqual([]);
    expect((await coordinator.view(id)).clients).toEqual([]);
    // What it is told is not free either.
    for (let i = 0; i < 1000; i++) socket.emit("watch", { experiment: id });
    await once(socket as never, "disconnect");
    expect(heard).toEqual(["cut"]);
  },
);

test("whoever sends events without end is cut off, and it shows in the metrics", async () => {
  const { url, coordinator } = await open();
  const { id } = await coordinator.create(experiment());
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
  onTestFinished(() => void socket.close());
  await once(socket as never, "connect");
  const told = once(socket as never, "cut");
  let answered = 0;
  for (let i = 0; i < 20_000; i++)
    socket.emit(i % 2 ? "watch" : "none", { experiment: id }, () => answered++);
  expect((await told)[0]).toMatchObject({ code: "too-many" });
  expect(answered).toBeLessThan(400);
  const said = await (await fetch(`${url}/metrics`)).text();
  expect(said).toContain('tandem_http_turned_away_total{reason="socket too-many"} 1');
});

test("bodies that stall hold no more memory than their address may, and honest ones get their turn", async () => {
  const server = await open({ bodyBytesPerAddress: 1000, stallTimeoutMs: 1000 });
  const { id } = await server.coordinator.create(experiment());
  const channel = signing(connectSocket({ url: server.url }));
  onTestFinished(() => channel.close());
  await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
  const joined = await channel.request("join", {
    version: protocolVersion,
    experiment: id,
    device: "test",
  });
  if (!joined.ok) throw new Error(joined.error.message);
  const { token } = joined;
  const put = (length: number) =>
    `PUT /api/blobs/${"0".repeat(64)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`;
  const stalled = [1, 2].map(() => {
    const socket = dial(server.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write(`${put(1000)}${"x".repeat(900)}`);
    return socket;
  });
  const closed = Promise.all(stalled.map((socket) => once(socket.resume(), "close")));
  await sleep(200);
  // Another address has room of its own.
  const bytes = new TextEncoder().encode("{}");
  const post = { method: "POST", headers: { "content-length": String(bytes.length) } };
  expect((await from("127.0.0.2", `${server.url}/api/experiments/none/start`, post)).status).toBe(
    404,
  );
  // Of this one the next waits until those before are cut off.
  const started = Date.now();
  const hash = await channel.putBlob(new Uint8Array(600), token);
  expect(Date.now() - started).toBeGreaterThan(500);
  expect(await server.blobs.has(hash)).toBe(true);
  await closed;
});

test("whoever does not read what it asked for is cut off, and whoever waits for work is not", async () => {
  let finish = () => {};
  const { port, url } = await open(
    { stallTimeoutMs: 500 },
    {
      pages: async ({ url: path }, response) => {
        if (path === "/slow")
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
        response.end(Buffer.alloc(path === "/slow" ? 10 : 2 ** 25));
      },
    },
  );
  const slow = fetch(`${url}/slow`);
  const raw = dial(port, "127.0.0.1");
  onTestFinished(() => void raw.destroy());
  raw.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(raw, "readable");
  await sleep(1500);
  const held = await text(raw).catch(() => "");
  expect(held).toMatch(/^HTTP\/1.1 200 /);
  expect(held.length).toBeLessThan(2 ** 24);
  finish();
  expect((await (await slow).arrayBuffer()).byteLength).toBe(10);
});

test("requests that are sent without waiting for answers close their connection, and cost little", async () => {
  const seen: string[] = [];
  const { port, url } = await open(
    {},
    {
      pages: async ({ url: path = "" }, response) => {
        seen.push(path);
        response.end("x".repeat(1000));
      },
    },
  );
  const raw = dial(port, "127.0.0.1");
  raw.resume().on("error", () => {}); // it is closed while it writes
  const closed = new Promise((resolve) => raw.once("close", resolve));
  raw.write("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(5000));
  await closed;
  expect(seen.length).toBeLessThan(50);
  // One after another they are as many as they like.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let i = 0; i < 40; i++) {
    const [response] = await once(request(`${url}/page`, { agent }).end(), "response");
    expect((await text(response)).length).toBe(1000);
  }
  const said = await (await fetch(`${url}/metrics`)).text();
  expect(said).toContain('tandem_http_turned_away_total{reason="pipelining"} 1');
});

const flooding = `
  const { workerData: { url, id }, parentPort } = require("node:worker_threads");
  const { io } = require("socket.io-client");
  const flood = () => {
    const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
    socket.on("connect", () => {
      parentPort.postMessage("floods");
      for (let i = 0; i < 3000; i++)
        socket.emit(i % 2 ? "watch" : "none", { experiment: id, pad: "x".repeat(500) });
    });
    socket.on("disconnect", flood).on("connect_error", () => setTimeout(flood, 100));
  };
  flood();
  flood();
`;

test("a small request is answered while strangers flood, stall and look on without reading", async () => {
  const { url, port, coordinator } = await open();
  const { id } = await coordinator.create(experiment());
  const healthAfter = async () => {
    const took: number[] = [];
    for (let i = 0; i < 40; i++) {
      const started = performance.now();
      await fetch(`${url}/healthz`);
      took.push(performance.now() - started);
      await sleep(20);
    }
    return took.sort((a, b) => a - b)[38];
  };
  const idle = await healthAfter();
  // In a thread of its own: what it costs to flood is not the server's.
  const flood = new Worker(flooding, { eval: true, workerData: { url, id } });
  onTestFinished(() => void flood.terminate());
  await once(flood, "message");
  const stalled = Array.from({ length: 40 }, () => {
    const socket = dial(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /api/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{",
    );
    onTestFinished(() => void socket.destroy());
    return socket;
  });
  const busy = await healthAfter();
  const said = await (await fetch(`${url}/metrics`)).text();
  expect(said).toMatch(/turned_away_total\{reason="socket too-many"\} [1-9]/);
  for (const socket of stalled) socket.destroy();
  expect(busy).toBeLessThan(Math.max(250, 10 * idle));
});

import { signedJoin } from "@tandem/coordinator/testing/signing";
import { experiment } from "@tandem/coordinator/testing/world";
import { protocolVersion } from "@tandem/protocol/events";
import { connectSocket } from "@tandem/transport/socket-client";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { from, openServer } from "./testing/open-server";

const command = "/api/experiments/none/start";
/** What a page may do there: 404 where its request came through. */
const statusOf = async (url: string, headers: Record<string, string>) =>
  (await from("127.0.0.1", `${url}${command}`, { method: "POST", headers })).status;

test("a page whose name was made to point here reads nothing and changes nothing", async () => {
  const { url, port } = await openServer();
  for (const host of ["rebound.example", `rebound.example:${port}`, "localhost.example", "a b"]) {
    const own = { host, origin: `http://${host}` };
    expect(await statusOf(url, own), host).toBe(403);
    for (const path of ["/api/experiments", "/healthz", "/tfjs/tfjs-backend-wasm.wasm"])
      expect((await from("127.0.0.1", url + path, { headers: { host } })).status, host).toBe(403);
    const polling = `${url}/socket.io/?EIO=4&transport=polling`;
    expect((await from("127.0.0.1", polling, { headers: { host } })).status).toBe(400);
  }
  for (const host of [`localhost:${port}`, "tab.localhost", "[::1]:80", "192.0.2.1"])
    expect(await statusOf(url, { host, origin: `http://${host}` }), host).toBe(404);
});

test("behind a proxy the public address is the server's own, whatever becomes of Host", async () => {
  const { url } = await openServer({}, { publicUrl: new URL("https://lab.example:8443/") });
  const origin = "https://lab.example:8443";
  for (const host of ["lab.example:8443", "lab.example", "lab.example:443", "127.0.0.1:3000"])
    expect(await statusOf(url, { host, origin }), host).toBe(404);
  for (const [host, odd] of [
    ["lab.example:8443", "http://lab.example:8443"],
    ["lab.example", "https://lab.example.evil.example"],
    ["127.0.0.1:3000", "https://evil.example"],
    ["upstream", origin],
  ])
    expect(await statusOf(url, { host, origin: odd }), odd).toBe(403);
  const named = await openServer({}, { publicUrl: new URL(origin), allowedHosts: ["upstream"] });
  expect(await statusOf(named.url, { host: "upstream", origin })).toBe(404);
});

test("the ports that a scheme has anyway may be named or left out", async () => {
  const { url } = await openServer({}, { trustedProxies: ["127.0.0.1"] });
  const secure = { "x-forwarded-proto": "https" };
  for (const host of ["10.0.0.1", "10.0.0.1:443"]) {
    expect(await statusOf(url, { ...secure, host, origin: "https://10.0.0.1" })).toBe(404);
    expect(await statusOf(url, { ...secure, host, origin: "http://10.0.0.1" })).toBe(403);
    expect(await statusOf(url, { ...secure, host, origin: "https://10.0.0.1:8443" })).toBe(403);
  }
  expect(await statusOf(url, { host: "10.0.0.1:80", origin: "http://10.0.0.1" })).toBe(404);
});

test("each client behind a trusted proxy has a limit of its own, and nobody else can say who they are", async () => {
  const limits = { requestsPerSecond: 1, connectionsPerAddress: 2 };
  const { url } = await openServer(limits, { trustedProxies: ["127.0.0.1"] });
  const ask = (address: string, client: string) =>
    from(address, `${url}/healthz`, { headers: { "x-forwarded-for": client } });
  const statuses = async (address: string, client: (i: number) => string) => {
    const asked: (number | undefined)[] = [];
    for (let i = 0; i < 20; i++) asked.push((await ask(address, client(i))).status);
    return asked.filter((status) => status === 429).length;
  };
  expect(await statuses("127.0.0.1", () => "2001:db8::1")).toBeGreaterThan(0);
  expect((await ask("127.0.0.1", "2001:db8::2")).status).toBe(429); // the same /64
  expect(await statuses("127.0.0.1", (i) => `192.0.2.${i}`)).toBe(0);
  expect(await statuses("127.0.0.2", (i) => `192.0.2.${i}`)).toBeGreaterThan(0);
});

test("a socket from a foreign page is told why it may do nothing, and one under a foreign name has none", async () => {
  const server = await openServer({}, { publicUrl: new URL("https://lab.example") });
  const { id } = await server.coordinator.create(experiment());
  const join = { version: protocolVersion, experiment: id, device: "test" };
  const open = (extraHeaders: Record<string, string>) => {
    const socket = io(server.url, { transports: ["websocket"], extraHeaders, reconnection: false });
    onTestFinished(() => void socket.close());
    return socket;
  };
  const foreign = open({ origin: "https://evil.example" });
  expect(await foreign.emitWithAck("join", join)).toMatchObject({ error: { code: "forbidden" } });
  const own = open({ origin: "https://lab.example" });
  const signed = await signedJoin((...asked) => own.emitWithAck(...asked), join);
  expect(await own.emitWithAck("join", signed)).toMatchObject({ ok: true });
  const rebound = open({ host: "rebound.example" });
  await new Promise((resolve) => rebound.once("connect_error", resolve));
  const channel = connectSocket({ url: server.url });
  onTestFinished(() => channel.close());
  await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
});

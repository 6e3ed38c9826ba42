import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { signing } from "@tandem/coordinator/testing/signing";
import { experiment } from "@tandem/coordinator/testing/world";
import { TandemError } from "@tandem/core/errors";
import { protocolVersion } from "@tandem/protocol/events";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { ApiError } from "@tandem/protocol/view";
import { connectSocket } from "@tandem/transport/socket-client";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { from, openServer as open } from "./testing/open-server";

async function refusal(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  const { error } = (await response.json()) as ApiError;
  return [response.status, error.code];
}

/** What a raw connection is told until the server closes it. */
async function whatComes(port: number, sent: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(sent);
  return text(socket);
}

async function joined(server: Awaited<ReturnType<typeof open>>, config = {}) {
  const { id } = await server.coordinator.create(experiment(config));
  const channel = signing(connectSocket({ url: server.url }));
  onTestFinished(() => channel.close());
  const connections: { readonly up: boolean; readonly dismissed: boolean }[] = [];
  await new Promise<void>((resolve) =>
    channel.onConnection((up, dismissed = false) => {
      connections.push({ up, dismissed });
      if (up) resolve();
    }),
  );
  const join = { version: protocolVersion, experiment: id, device: "test" };
  const reply = await channel.request("join", join);
  if (!reply.ok) throw new Error(reply.error.message);
  return { id, channel, connections, token: reply.token };
}

test("says that it lives, that it is ready, and how its rounds go", async () => {
  const server = await open();
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const { id, channel } = await joined(server, { slots: 1, minClients: 1, rounds: 2 });
  await channel.request("ready", { samples: 10, device: "test" });
  await server.coordinator.start(id);
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
  await expect.poll(metrics).toContain('tandem_running_phase{phase="collecting"} 1');
  const hash = await sha256Hex(new Uint8Array());
  await channel.upload({ round: 1, hash, metrics: {} });
  await channel.upload({ round: 1, hash, metrics: {} }, { round: 2 });
  const said = await metrics();
  expect(said).toContain('tandem_experiments{status="running"} 1');
  expect(said).toContain('tandem_clients{status="working"} 1');
  expect(said).toContain('tandem_round_events_total{type="published"} 1');
  expect(said).toMatch(/tandem_refused_uploads_total\{code="[a-z-]+"\} 1/);
  expect(said).toContain('tandem_refused_uploads_total{code="unauthorised"} 1');
  expect(said).toContain('tandem_phase_seconds_count{phase="publishing"} 1');
  expect(said).toMatch(/nodejs_eventloop_lag_p99_seconds \d/);
});

test("metrics are for this machine alone, or for whoever holds the token", async () => {
  const { url, port } = await open();
  const forwarded = { "x-forwarded-for": "192.0.2.1" };
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  for (const mark of ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-proto"])
    expect(await refusal(`${url}/metrics`, { headers: { [mark]: "a" } })).toEqual([
      403,
      "forbidden",
    ]);
  // Proxies that leave none: HTTP/1.0, another host, or a server that is meant to have one.
  expect(await whatComes(port, "GET /metrics HTTP/1.0\r\n\r\n")).toMatch(/ 403 /);
  const named = { headers: { host: "192.0.2.1" } };
  expect((await from("127.0.0.1", `${url}/metrics`, named)).status).toBe(403);
  const others = [{ publicUrl: new URL("https://a.example") }, { trustedProxies: ["10.0.0.1"] }];
  for (const other of others)
    expect(await refusal(`${(await open({}, other)).url}/metrics`)).toEqual([403, "forbidden"]);
  const guarded = await open({}, { metricsToken: "a secret" });
  for (const authorization of ["", "Bearer a guess"]) {
    const asked = { headers: { authorization } };
    expect(await refusal(`${guarded.url}/metrics`, asked)).toEqual([401, "unauthorised"]);
  }
  const { headers: told } = await fetch(`${guarded.url}/metrics`);
  expect(told.get("www-authenticate")).toBe("Bearer");
  const headers = { ...forwarded, authorization: "Bearer a secret" };
  expect((await fetch(`${guarded.url}/metrics`, { headers })).status).toBe(200);
});

test("a request from another site is forbidden, and one without a token unauthorised", async () => {
  const { url } = await open();
  const posted = (origin: string) => ({ method: "POST", headers: { origin } });
  const command = `${url}/api/experiments/none/start`;
  for (const origin of ["https://elsewhere.example", "null"])
    expect(await refusal(command, posted(origin))).toEqual([403, "forbidden"]);
  expect(await refusal(command, posted(url))).toEqual([404, "not-found"]);
  const blob = `${url}/api/blobs/${"0".repeat(64)}`;
  expect(await refusal(blob, { method: "PUT", body: "x" })).toEqual([401, "unauthorised"]);
});

test("pages of an allowed origin may read what a participant needs, and nothing else", async () => {
  const [origin, other] = ["https://lab.example:8443", "https://elsewhere.example"];
  const { url, coordinator } = await open({}, { allowedOrigins: [origin] });
  const { id } = await coordinator.create(experiment());
  const ask = (path: string, method = "GET", from = origin) =>
    fetch(`${url}${path}`, { method, headers: { origin: from } });
  const readable = async (...asked: Parameters<typeof ask>) =>
    (await ask(...asked)).headers.get("access-control-allow-origin");
  const blob = `/api/blobs/${"0".repeat(64)}`;
  const polling = "/socket.io/?EIO=4&transport=polling";
  for (const path of [blob, `/api/experiments/${id}/joining`, "/backbones/a/b.bin", polling]) {
    expect(await readable(path), path).toBe(origin);
    expect(await readable(path, "GET", other), path).not.toBe(other);
    expect(await readable(path, "GET", `${origin}0`), path).not.toBe(`${origin}0`);
  }
  const before = await ask(blob, "OPTIONS");
  expect(before.status).toBe(204);
  expect(before.headers.get("access-control-allow-methods")).toBe("GET, PUT");
  expect(before.headers.get("access-control-allow-headers")).toMatch(/authorization/);
  expect((await ask(blob, "OPTIONS", other)).status).toBe(405);
  for (const path of ["/api/experiments", `/api/experiments/${id}`, "/api/tasks", "/metrics"]) {
    expect(await readable(path), path).toBeNull();
    expect(await readable(path, "OPTIONS"), path).toBeNull();
  }
  expect((await ask(`/api/experiments/${id}`, "DELETE")).status).toBe(403);
  expect((await ask(`/api/experiments/${id}/joining`, "OPTIONS")).headers.get("vary")).toBe(
    "origin",
  );
});

test("what breaks inside is 500 and says no more, and what may pass is 503", async () => {
  const { url, store, blobs, coordinator } = await open();
  Object.assign(coordinator.blobs, { mayRead: async () => true });
  const blob = `${url}/api/blobs/${"0".repeat(64)}`;
  for (const [error, answer] of [
    [new Error("secret"), [500, "internal"]],
    [new TandemError("unavailable", "the bucket is away"), [503, "unavailable"]],
  ] as const) {
    const breaks = async () => {
      throw error;
    };
    Object.assign(store, { list: breaks });
    Object.assign(blobs, { get: breaks });
    expect(await refusal(`${url}/readyz`)).toEqual(answer);
    expect(await refusal(blob)).toEqual(answer);
  }
  Object.assign(blobs, { get: () => Promise.reject(new Error("secret")) });
  expect(await (await fetch(blob)).text()).not.toContain("secret");
});

test("a path that is none is not found", async () => {
  const { url, port } = await open();
  for (const path of ["//", "/%00", "/../etc", "/api/experiments/__proto__"])
    expect(
      await whatComes(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 40[04] /);
  expect((await fetch(`${url}/healthz?a=b`)).status).toBe(200);
});

test("nobody invents the names of metrics", async () => {
  const { url, port } = await open();
  const asked = "/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  for (const method of ["PROPFIND", "PURGE", "MKCOL"]) await whatComes(port, `${method} ${asked}`);
  const said = await (await fetch(`${url}/metrics`)).text();
  expect(said).toContain('tandem_http_requests_total{method="other",status="405"} 3');
  expect(said).not.toMatch(/PROPFIND|PURGE|MKCOL/);
});

test("a request keeps its name, and gets one if it has none", async () => {
  const { url } = await open();
  const named = await fetch(`${url}/healthz`, { headers: { "x-request-id": "abc-1" } });
  expect(named.headers.get("x-request-id")).toBe("abc-1");
  const unnamed = await fetch(`${url}/healthz`, { headers: { "x-request-id": "a b" } });
  expect(unnamed.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
});

test("a flood from one address is turned away and harms no other", async () => {
  const { url } = await open({ requestsPerSecond: 2 });
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 40; i++) statuses.push((await from("127.0.0.1", `${url}/healthz`)).status);
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(200));
  const turnedAway = statuses.filter((status) => status === 429).length;
  expect(turnedAway).toBeGreaterThan(0);
  const { status, body } = await from("127.0.0.2", `${url}/metrics`);
  expect(status).toBe(200);
  expect(body).toContain(`tandem_http_turned_away_total{reason="rate"} ${turnedAway}`);
});

test("one address has only so many connections, and gets them back", async () => {
  const { url, port } = await open({ connectionsPerAddress: 3 });
  // The server takes connections in the order in which they were made.
  const held = [1, 2, 3].map(() => connect(port, "127.0.0.1"));
  await Promise.all(held.map((socket) => once(socket, "connect")));
  expect(
    await whatComes(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").catch(() => ""),
  ).toBe("");
  expect((await from("127.0.0.2", `${url}/healthz`)).status).toBe(200);
  for (const socket of held) socket.destroy();
  const again = () => from("127.0.0.1", `${url}/healthz`).catch(() => undefined);
  await expect.poll(again).toMatchObject({ status: 200 });
});

test("whoever sends a byte now and then is cut off", async () => {
  const { url, port } = await open({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
  const headers = await whatComes(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  expect(headers).toMatch(/^HTTP\/1.1 408 /);
  const body = await whatComes(
    port,
    "POST /api/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
  );
  expect(body).toMatch(/^HTTP\/1.1 408 /);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("an archive may take its time, as long as something of it comes", async () => {
  const { url } = await open({ requestTimeoutMs: 600 });
  const sending = request(`${url}/api/experiments/import`, { method: "POST" });
  const answered = once(sending, "response") as Promise<[IncomingMessage]>;
  for (let i = 0; i < 5; i++) {
    sending.write("no archive");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  sending.end();
  const [response] = await answered;
  expect([response.statusCode, await text(response)]).toEqual([
    400,
    expect.stringContaining("bad-data"),
  ]);
});

test("closing tells clients to come back, and lets an upload under way end", async () => {
  const server = await open();
  const { channel, connections, token } = await joined(server);
  const told = new Promise((resolve) => channel.on("restart", resolve));
  const bytes = new TextEncoder().encode("some knowledge");
  const hash = await sha256Hex(bytes);
  const upload = request(`${server.url}/api/blobs/${hash}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${token}`,
      "content-length": bytes.length,
      expect: "100-continue",
    },
  });
  const answered = once(upload, "response") as Promise<[IncomingMessage]>;
  await once(upload, "continue"); // the head has arrived
  upload.write(bytes.subarray(0, 4));
  const closed = server.close();
  expect(await told).toEqual({ afterMs: 2000 });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  upload.end(bytes.subarray(4));
  const [{ statusCode }] = await answered;
  expect(statusCode).toBe(201);
  await closed;
  expect(await server.blobs.has(hash)).toBe(true);
  await expect.poll(() => connections.at(-1)).toEqual({ up: false, dismissed: false });
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test("whoever sends too much hears why, though it reads only when all is sent", async () => {
  const server = await open();
  const { token } = await joined(server);
  const head = `Host: localhost\r\nContent-Length: ${2 ** 24}\r\nAuthorization: Bearer ${token}`;
  const body = "x".repeat(2 ** 24);
  for (const line of [`PUT /api/blobs/${"0".repeat(64)}`, "POST /api/experiments"]) {
    const reply = await whatComes(server.port, `${line} HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    expect(reply).toMatch(/^HTTP\/1.1 413 /);
    expect(reply).toContain('"too-large"');
  }
});

test("NUL and half a surrogate pair are refused wherever text can stand", async () => {
  const server = await open();
  const valid = { ...experiment(), dataset: "emoji-style" };
  const post = async (change: object) => {
    const options = { method: "POST", body: JSON.stringify({ ...valid, ...change }) };
    const response = await fetch(`${server.url}/api/experiments`, options);
    return `${response.status} ${await response.text()}`;
  };
  const refusal = /^400 .*half a surrogate pair/;
  const { id, channel, connections } = await joined(server);
  const join = { version: protocolVersion, experiment: id, device: "test" };
  expect(await post({ name: "Ελλάδα 😀" })).toMatch(/^201 /); // a whole pair
  for (const bad of ["a\0b", "a\ud83d", "\ude00"]) {
    for (const field of ["name", "strategy", "dataset", bad])
      expect(await post({ [field]: bad })).toMatch(refusal);
    expect(await post({ strategyConfig: { list: ["a", { inside: bad }] } })).toMatch(
      /"strategyConfig\.list\.1\.inside: must hold/,
    );
    expect(await post({ strategyConfig: { [bad]: 1 } })).toMatch(/"a name in strategyConfig: must/);
    const refused = { ok: false, error: { code: "bad-message" } };
    for (const own of [
      { name: bad },
      { device: bad },
      { experiment: bad },
      { token: bad },
      { [bad]: 1 },
    ])
      expect(await channel.request("join", { ...join, ...own } as typeof join)).toMatchObject(
        refused,
      );
    const told = { round: 1, message: bad };
    expect(await channel.request("fail", told)).toMatchObject(refused);
    expect(await channel.request("ready", { samples: 1, device: bad })).toMatchObject(refused);
  }
  expect(await channel.request("ready", { samples: 1, device: "test" })).toEqual({ ok: true });
  expect(connections).toMatchObject([{ up: false }, { up: true }]); // the first one lives
  const deep = { method: "POST", body: `{"name":${"[".repeat(32_000)}${"]".repeat(32_000)}}` };
  expect((await fetch(`${server.url}/api/experiments`, deep)).status).toBe(400);
  const latin1 = Buffer.from('{"name": "caf\xe9"}', "latin1");
  const body = { method: "POST", body: latin1 };
  expect((await fetch(`${server.url}/api/experiments`, body)).status).toBe(400);
  const hex = `${server.url}/api/experiments/a/adapter.zip?round=0x1`;
  expect((await fetch(hex)).status).toBe(400);
});

test("an address that holds NUL, half a surrogate pair or no UTF-8 is 400 wherever it leads", async () => {
  const { port } = await open({}, { pages: async (_, response) => void response.end("a page") });
  const asked = (path: string, headers = "Connection: close") =>
    whatComes(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`);
  const upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const socket = "/socket.io/?EIO=4&transport=websocket";
  const blob = `/api/blobs/${"0".repeat(64)}`;
  const wasm = "/tfjs/tfjs-backend-wasm.wasm";
  // %ED%A0%80 would be a half in UTF-8
  for (const text of ["%00", "%ED%A0%80", "%zz", "%"]) {
    const api = [`/api/experiments/${text}`, `/api/experiments?x=${text}`, `/healthz?${text}=1`];
    for (const path of [...api, `${blob}?x=${text}`, `${wasm}?x=${text}`, `/join/a?name=${text}`])
      expect(await asked(path), path).toMatch(/^HTTP\/1.1 400 .*"bad-message"/s);
    expect(await asked(`${socket}&x=${text}`, upgrade)).toMatch(/^HTTP\/1.1 400 /);
    expect(await asked(`${socket}&x=${text}`)).toMatch(/^HTTP\/1.1 400 /);
  }
  expect(await asked(`${blob}?x=%F0%9F%98%80`)).toMatch(/^HTTP\/1.1 404 /);
  expect(await asked("/join/a?name=%F0%9F%98%80")).toMatch(/^HTTP\/1.1 200 .*a page$/s);
  const live = connect(port, "127.0.0.1");
  live.write(`GET ${socket}&x=%F0%9F%98%80 HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n\r\n`);
  const [head] = await once(live, "data");
  expect(String(head)).toMatch(/^HTTP\/1.1 101 /);
  live.destroy();
});

test("a stranger learns neither where files lie nor what a service said; the log has it, under the id", async () => {
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const { url, blobs, coordinator } = await open({}, { log });
  Object.assign(coordinator.blobs, { mayRead: async () => true });
  const blob = `${url}/api/blobs/${"0".repeat(64)}`;
  const place = "/srv/tandem/blobs/00/00 has changed";
  for (const error of [new TandemError("corrupt", place), new Error(place)]) {
    Object.assign(blobs, { get: () => Promise.reject(error) });
    const response = await fetch(blob);
    const id = response.headers.get("x-request-id") ?? "";
    const { error: told } = (await response.json()) as ApiError;
    expect(told.message).not.toContain("/srv");
    expect(told.message).toContain(`The server's log has the rest under ${id}.`);
    expect(lines.at(-1)).toContain(place);
    expect(lines.at(-1)).toContain(id);
  }
});

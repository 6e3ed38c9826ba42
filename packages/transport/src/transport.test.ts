import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TandemError } from "@tandem/core/errors";
import { blobHash, experimentId } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { TandemChannel, TandemConnection } from "@tandem/protocol/events";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { afterEach, describe, expect, it } from "vitest";
import { type BlobRights, createBlobHandler } from "./blob-http";
import { createMemoryPair } from "./memory";
import { connectPort, type Port, servePort } from "./message-port";
import { connectSocket } from "./socket-client";
import { serveSockets } from "./socket-server";

type Ends = {
  readonly client: TandemChannel;
  readonly server: TandemConnection;
  readonly metered: Record<"up" | "down", number>;
  readonly url?: string;
};
const token = "a-token-of-a-client";
const logged: unknown[] = [];
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const rightsOf = (blobs: BlobStore, owner: string): BlobRights => ({
  mayRead: async () => true,
  async admit(given) {
    if (given !== owner) throw new TandemError("unauthorised", "Send the token.");
  },
  put: (_, bytes) => blobs.put(bytes),
});

async function overSockets(blobs: BlobStore, { upgrades = true } = {}): Promise<Ends> {
  const metered = { up: 0, down: 0 };
  const handler = createBlobHandler({
    blobs,
    rights: rightsOf(blobs, token),
    meter: (_, direction, bytes) => {
      metered[direction] += bytes;
    },
    logError: (error) => logged.push(error),
    maxBytes: 1000,
  });
  const http = createServer((request, response) => void handler(request, response));
  if (!upgrades) http.on("upgrade", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const connected = new Promise<TandemConnection>((resolve) => {
    const sockets = serveSockets({ server: http, onConnection: resolve });
    closers.push(sockets.close);
  });
  const client = connectSocket({ url });
  closers.push(() => client.close());
  const server = await connected;
  await new Promise<void>((resolve) => client.onConnection((up) => up && resolve()));
  return { client, server, metered, url };
}

/** As behind a proxy that knows no web sockets. */
const byPolling = (blobs: BlobStore) => overSockets(blobs, { upgrades: false });

async function inMemory(blobs: BlobStore): Promise<Ends> {
  const metered = { up: 0, down: 0 };
  const pair = createMemoryPair({
    blobs,
    meter: (_, direction, bytes) => {
      metered[direction] += bytes;
    },
  });
  return { ...pair, metered };
}

async function overPort(blobs: BlobStore): Promise<Ends> {
  const metered = { up: 0, down: 0 };
  const { port1, port2 } = new MessageChannel();
  const server = servePort(port1 as Port, {
    id: "port",
    blobs,
    authorise: (given) => given === token,
    meter: (_, direction, bytes) => {
      metered[direction] += bytes;
    },
  });
  const client = connectPort(port2 as Port);
  closers.push(() => client.close());
  return { client, server, metered };
}

describe.each([
  ["memory", inMemory],
  ["a message port", overPort],
  ["sockets", overSockets],
  ["polling", byPolling],
] as const)("a channel over %s", (_, open) => {
  it("answers requests, passes notices, and counts the bytes of both", async () => {
    const { client, server } = await open(createMemoryBlobs());
    server.handle("ready", async ({ samples }) => {
      server.send("status", { round: 1, rounds: 2, phase: "collecting", clients: samples });
      return { ok: true };
    });
    const notice = new Promise((resolve) => client.on("status", resolve));
    expect(await client.request("ready", { samples: 3, device: "test" })).toEqual({ ok: true });
    expect(await notice).toMatchObject({ clients: 3 });
    expect(server.bytes.up).toBeGreaterThan(20);
    expect(server.bytes.down).toBeGreaterThan(20);
  });

  it("carries blobs by hash, and counts them", async () => {
    const { client, metered } = await open(createMemoryBlobs());
    const hash = await client.putBlob(Uint8Array.of(1, 2, 3), token);
    expect(await client.getBlob(hash)).toEqual(Uint8Array.of(1, 2, 3));
    expect(metered).toEqual({ up: 3, down: 3 });
    await expect(client.getBlob(blobHash("0".repeat(64)))).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("tells the server when the client goes", async () => {
    const { client, server } = await open(createMemoryBlobs());
    const closed = new Promise<void>((resolve) => server.onClose(resolve));
    client.close();
    await closed;
    await expect(client.request("leave", {})).rejects.toMatchObject({ code: "unavailable" });
  });

  it("tells the client when the server has closed it for good", async () => {
    const { client, server } = await open(createMemoryBlobs());
    const seen: [boolean, boolean | undefined][] = [];
    const closed = new Promise<void>((resolve) => {
      client.onConnection((connected, dismissed) => {
        seen.push([connected, dismissed ?? false]);
        if (!connected) resolve();
      });
    });
    server.close();
    await closed;
    expect(seen).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it("does not call it dismissed when the client itself closes", async () => {
    const { client } = await open(createMemoryBlobs());
    const closed = new Promise((resolve) => {
      client.onConnection((connected, dismissed) => connected || resolve(dismissed));
    });
    client.close();
    expect(await closed).toBe(false);
  });
});

describe.each([
  ["a message port", overPort],
  ["sockets", overSockets],
  ["polling", byPolling],
] as const)("over %s", (_, open) => {
  it("a body that breaks the contract is refused with the field", async () => {
    const { client, server } = await open(createMemoryBlobs());
    server.handle("watch", async () => ({ ok: true }));
    const reply = await client.request("watch", { experiment: experimentId("../etc") });
    expect(reply).toMatchObject({ ok: false, error: { code: "bad-message" } });
    const unknown = await client.request("no-such-event" as "leave", {});
    expect(unknown).toMatchObject({ ok: false, error: { code: "bad-message" } });
  });

  it("what a handler throws is not told, and the connection goes on", async () => {
    const { client, server } = await open(createMemoryBlobs());
    server.handle("leave", async () => {
      throw new Error("secret");
    });
    const reply = await client.request("leave", {});
    expect(reply).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(JSON.stringify(reply)).not.toContain("secret");
  });

  it("a blob is not taken without a token", async () => {
    const { client } = await open(createMemoryBlobs());
    await expect(client.putBlob(Uint8Array.of(1), "a-wrong-token-here")).rejects.toMatchObject({
      code: "unauthorised",
    });
  });
});

describe("over sockets", () => {
  it("a blob without a token, with other bytes, or too large is refused", async () => {
    const { url = "", client } = await overSockets(createMemoryBlobs());
    await expect(client.putBlob(Uint8Array.of(1), "a-wrong-token-here")).rejects.toMatchObject({
      code: "unauthorised",
    });
    await expect(client.putBlob(new Uint8Array(1001), token)).rejects.toMatchObject({
      code: "too-large",
    });
    const headers = { Authorization: `Bearer ${token}` };
    const wrong = await fetch(`${url}/api/blobs/${"0".repeat(64)}`, {
      method: "PUT",
      body: "x",
      headers,
    });
    expect(wrong.status).toBe(400);
    expect((await fetch(`${url}/api/blobs/..%2fpackage.json`)).status).toBe(400);
  });

  it("a store that breaks is tried again and logged, and told as unavailable", async () => {
    const blobs = createMemoryBlobs();
    const broken = new Error("secret");
    const { client } = await overSockets({ ...blobs, get: () => Promise.reject(broken) });
    await expect(client.getBlob(blobHash("0".repeat(64)))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^Something broke inside\. The server's log has the rest/),
    });
    expect(logged).toEqual([broken, broken, broken, broken]);
  });
});

it("whoever is refused is told so whatever they ask, and nobody hears of them", async () => {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  let heard = 0;
  const sockets = serveSockets({
    server: http,
    onConnection: () => heard++,
    refusalOf: ({ url }) => new TandemError("forbidden", `not ${url?.slice(0, 11)}`),
  });
  closers.push(sockets.close);
  const client = connectSocket({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
  closers.push(() => client.close());
  await new Promise<void>((resolve) => client.onConnection((up) => up && resolve()));
  const error = { code: "forbidden", message: "not /socket.io/" };
  expect(await client.request("leave", {})).toEqual({ ok: false, error });
  expect(await client.request("ready", { samples: 1, device: "x" })).toEqual({ ok: false, error });
  expect(heard).toBe(0);
});

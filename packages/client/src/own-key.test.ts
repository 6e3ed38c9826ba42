import { createHash, webcrypto } from "node:crypto";
import { joinStatement, uploadStatement } from "@tandem/protocol/device-key";
import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { expect, it } from "vitest";
import { createScriptedServer } from "./testing/scripted-server";
import { openSession, until } from "./testing/test-session";

const challenge = "a-challenge-of-a-test";

/** Whether a key of the wire has signed it, by WebCrypto. */
async function isSigned(key: string, statement: Uint8Array, signature = ""): Promise<boolean> {
  const { subtle } = webcrypto;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const bytes = (text: string) => Buffer.from(text, "base64url");
  const publicKey = await subtle.importKey("raw", bytes(key), algorithm, true, ["verify"]);
  return subtle.verify(algorithm, publicKey, bytes(signature), statement);
}

it("signs what it joins with and what it uploads, after a reload with the same key", async () => {
  const server = await createScriptedServer();
  const session = await openSession(server);
  await session.start();
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  const { store, keys } = session;
  await (await openSession(server, { store, keys })).start();
  const { joins, uploads } = server.seen;
  const [first, again] = joins.map(({ key }) => key);
  expect(again?.public).toBe(first?.public);
  const token = "token-of-client-0";
  const name = first?.public ?? "";
  const asJoin = (of?: string) => joinStatement({ experiment: "e1", challenge, token: of });
  expect(await isSigned(name, asJoin(), first?.proof)).toBe(true);
  expect(await isSigned(name, asJoin(token), again?.proof)).toBe(true);
  expect(await isSigned(name, asJoin(), again?.proof)).toBe(false);
  const [{ instruction, hash, signature }] = uploads;
  const blob = await server.blobs.get(instruction);
  expect(createHash("sha256").update(blob).digest("hex")).toBe(instruction);
  const statement = { experiment: "e1", client: "client-0", round: 1, instruction, hash };
  expect(await isSigned(name, uploadStatement(statement), signature)).toBe(true);
});

it("two clients of a browser have a key each, and who leaves keeps none", async () => {
  const server = await createScriptedServer();
  const [store, keys] = [createMemoryClientStore(), createMemoryKeyStore()];
  const sessions = [];
  for (const index of [0, 1]) {
    server.script.join = () => server.offer(index);
    const claimIdentity = async () => ({ index, release: () => {} });
    sessions.push(await (await openSession(server, { store, keys, claimIdentity })).start());
  }
  const [first, second] = server.seen.joins.map(({ key }) => key?.public);
  expect(first).not.toBe(second);
  await sessions[1].leave();
  expect(await keys.get("e1/1")).toBeUndefined();
  expect(await keys.get("e1/0")).toBeDefined();
});

it("who has lost the key of its place takes part as somebody new, and says so", async () => {
  const server = await createScriptedServer();
  const { store } = await joined(server);
  server.script.join = ({ token }) =>
    token ? { ok: false, error: { code: "unauthorised", message: "no" } } : server.offer(1);
  const session = await openSession(server, { store });
  await session.start();
  expect(session.state()).toMatchObject({
    phase: "waiting",
    assignment: { client: "client-1" },
    error: { message: expect.stringContaining("lost the key") },
  });
  expect(server.seen.joins.map(({ token }) => token)).toEqual([
    undefined,
    "token-of-client-0",
    undefined,
  ]);
});

async function joined(server: Awaited<ReturnType<typeof createScriptedServer>>) {
  const session = await openSession(server);
  await session.start();
  return session;
}

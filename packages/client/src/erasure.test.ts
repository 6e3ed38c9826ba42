import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { describe, expect, it } from "vitest";
import { eraseEverything, hasLeftBehind } from "./erasure";
import { createScriptedServer } from "./testing/scripted-server";
import { openSession, until } from "./testing/test-session";

/** A client that has answered a round. */
async function answered(
  server: Awaited<ReturnType<typeof createScriptedServer>>,
  keeping = { store: createMemoryClientStore(), keys: createMemoryKeyStore() },
) {
  const session = await openSession(server, keeping);
  const running = await session.start();
  await server.instruct(1);
  await until(() => session.state().history.length === 1);
  return { ...keeping, session, running };
}
const publicOf = (server: Awaited<ReturnType<typeof createScriptedServer>>) =>
  server.seen.joins[0].key?.public;

describe("what a client has sent", () => {
  it("is erased as it leaves, by its key and token, and nothing of it is kept here", async () => {
    const server = await createScriptedServer();
    const { store, keys, session, running } = await answered(server);
    await running.leave({ erase: true });
    const [asked] = server.seen.erased;
    expect(asked).toMatchObject({ token: "token-of-client-0", key: { public: publicOf(server) } });
    expect(session.state()).toMatchObject({ phase: "left", sent: "erased" });
    expect(await store.keys()).toEqual([]);
    expect(await keys.get("e1/0")).toBeUndefined();
    expect(server.seen.left).toBe(0); // that is said with it
  });

  it("can be erased later by who has left or was put out, and by nobody once it is", async () => {
    for (const end of ["leave", "put out"]) {
      const server = await createScriptedServer();
      const { store, keys, session, running } = await answered(server);
      if (end === "leave") await running.leave();
      else server.putOut("You are out.");
      await until(() => session.state().sent === "kept");
      expect(await hasLeftBehind({ store }, "e1")).toBe(true);
      await eraseEverything({ channel: server.connect(), store, keys }, "e1");
      expect(server.seen.erased).toMatchObject([{ key: { public: publicOf(server) } }]);
      expect(await store.keys()).toEqual([]);
      await eraseEverything({ channel: server.connect(), store, keys }, "e1");
      expect(server.seen.erased).toHaveLength(1);
    }
  });

  it("is erased of all clients of this browser, of those too that have not left", async () => {
    const server = await createScriptedServer();
    const { store, keys, running } = await answered(server);
    await running.leave();
    await answered(server, { store, keys });
    await eraseEverything({ channel: server.connect(), store, keys }, "e1");
    const names = server.seen.erased.map(({ key }) => key.public);
    expect(new Set(names).size).toBe(2);
    expect(await store.keys()).toEqual([]);
  });

  it("stays erasable where the server does not do it, and who leaves has left", async () => {
    const server = await createScriptedServer();
    const { store, session, running, keys } = await answered(server);
    server.script.erase = () => ({ ok: false, error: { code: "too-many", message: "Wait." } });
    await running.leave({ erase: true });
    expect(session.state()).toMatchObject({
      phase: "left",
      sent: "kept",
      error: { code: "too-many", message: expect.stringContaining("not erased yet: Wait.") },
    });
    expect(server.seen.left).toBe(1);
    const erase = () => eraseEverything({ channel: server.connect(), store, keys }, "e1");
    await expect(erase()).rejects.toMatchObject({ code: "too-many" });
    expect(await hasLeftBehind({ store }, "e1")).toBe(true);
    server.script.erase = () => ({ ok: false, error: { code: "not-found", message: "Gone." } });
    await erase();
    expect(await hasLeftBehind({ store }, "e1")).toBe(false);
  });

  it("is nothing where no round was answered", async () => {
    const server = await createScriptedServer();
    const keeping = { store: createMemoryClientStore(), keys: createMemoryKeyStore() };
    const session = await openSession(server, keeping);
    await (await session.start()).leave();
    expect(session.state().sent).toBeUndefined();
    expect(await keeping.store.keys()).toEqual([]);
  });
});

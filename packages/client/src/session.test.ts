import { TandemError } from "@tandem/core/errors";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { describe, expect, it } from "vitest";
import { gate } from "./testing/gate";
import { createScriptedServer, type ScriptedServer } from "./testing/scripted-server";
import { openSession, until } from "./testing/test-session";

const refusal = (code: string) => ({ ok: false as const, error: { code, message: `no: ${code}` } });

/** A session to be started over what another kept, which has answered round 1. */
async function reloaded(server: ScriptedServer) {
  const first = await openSession(server);
  await first.start();
  await server.instruct(1);
  await until(() => first.state().history.length === 1);
  return openSession(server, { store: first.store });
}

describe("after a reload", () => {
  it("the session has its token, weights and history", async () => {
    const server = await createScriptedServer();
    const second = await reloaded(server);
    await second.start();
    expect(second.state().history).toEqual([{ round: 1, accuracy: 0.5 }]);
    expect(second.state().data?.stored).toBe(true);
    await server.instruct(2);
    await until(() => second.state().history.length === 2);
    expect(second.fits).toEqual([{ round: 2, trained: 1, client: "client-0" }]);
  });

  it("another client starts afresh", async () => {
    const server = await createScriptedServer();
    const second = await reloaded(server);
    server.script.join = () => server.offer(1);
    await second.start();
    expect(second.state().history).toEqual([]);
    await server.instruct(1);
    await until(() => second.state().history.length === 1);
    expect(second.fits).toEqual([{ round: 1, trained: 0, client: "client-1" }]);
  });

  it("a blob that has rotted, or a context, does no harm", async () => {
    const server = await createScriptedServer();
    const second = await reloaded(server);
    for (const key of await second.store.keys())
      if (!key.endsWith("/token")) await second.store.set(key, Uint8Array.of(1, 2, 3));
    await second.start();
    expect(second.state()).toMatchObject({ data: { stored: false }, error: { code: "corrupt" } });
    await server.instruct(2);
    await until(() => second.state().history.length === 1);
    expect(second.fits).toEqual([{ round: 2, trained: 0, client: "client-0" }]);
    const third = await openSession(server, { store: second.store });
    await third.start();
    expect(third.state().data?.stored).toBe(true);
  });

  it("of a finished experiment, the session shows its history and ends", async () => {
    const server = await createScriptedServer();
    const second = await reloaded(server);
    const join = server.script.join;
    server.script.join = (body) => {
      server.finish();
      return join(body);
    };
    const { finished } = await second.start();
    await finished;
    expect(second.state()).toMatchObject({ phase: "finished", history: [{ round: 1 }] });
  });
});

describe("a return", () => {
  it("as another client aborts the work, and goes on with the new place's data", async () => {
    const server = await createScriptedServer();
    const { fit, open, aborted } = gate();
    const session = await openSession(server, { fit });
    await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1);
    open();
    await until(() => session.state().history.length === 1);
    await server.instruct(2);
    await until(() => session.fits.length === 2);
    server.script.join = () => server.offer(1);
    session.flaky.drop();
    session.flaky.restore();
    await until(() => server.seen.samples.length === 2);
    expect(server.seen.samples).toEqual([2, 3]);
    expect(session.state()).toMatchObject({
      history: [],
      assignment: { client: "client-1", slot: 1 },
    });
    await server.instruct(2);
    await until(() => session.fits.length === 3);
    expect(session.fits[2]).toEqual({ round: 2, trained: 0, client: "client-1" });
    expect(aborted()).toBe(1);
    open();
    await until(() => server.seen.uploads.length === 2);
    expect(server.seen.fails).toEqual([]);
  });

  it("is tried again when the connection is lost once more, and by a server that is not yet up", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    let joins = 0;
    server.script.join = () => {
      joins++;
      if (joins > 2) return server.offer(0);
      if (joins === 2) return refusal("unavailable");
      session.flaky.drop();
      session.flaky.restore();
      throw new TandemError("unavailable", "The connection was lost.");
    };
    session.flaky.drop();
    session.flaky.restore();
    await until(() => server.seen.samples.length === 2);
    expect(session.state()).toMatchObject({ phase: "waiting", connection: "online" });
  });

  it("of a server that announced its restart is awaited with its reason on the page", async () => {
    const server = await createScriptedServer();
    const { start, flaky, state } = await openSession(server);
    await start();
    server.restart();
    await until(() => state().error?.message.includes("restarting") === true);
    flaky.drop();
    flaky.restore();
    await until(() => server.seen.joins.length === 2 && state().phase === "waiting");
    expect(state().error).toBeUndefined();
  });

  it("whose memory has run out for good ends its host, and tells the server of no failure", async () => {
    const server = await createScriptedServer();
    const ends: unknown[] = [];
    const { start } = await openSession(server, {
      fit: () => Promise.reject(new RangeError("Array buffer allocation failed")),
      exhausted: (error) => ends.push(error),
    });
    await start();
    await server.instruct(1);
    await until(() => ends.length === 1);
    expect(server.seen.fails).toEqual([]);
  });

  it("that is refused ends the session with the reason", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    const { finished } = await session.start();
    server.script.join = () => refusal("full");
    session.flaky.drop();
    session.flaky.restore();
    await finished;
    expect(session.state()).toMatchObject({ phase: "failed", error: { code: "full" } });
    expect(session.flaky.isClosed()).toBe(true);
  });
});

describe("a session", () => {
  it("that cannot begin closes its channel and frees its identity", async () => {
    const server = await createScriptedServer();
    server.script.join = () => refusal("full");
    let released = 0;
    const session = await openSession(server, {
      claimIdentity: async () => ({ index: 0, release: () => released++ }),
    });
    await expect(session.start()).rejects.toMatchObject({ code: "full" });
    expect([session.flaky.isClosed(), released]).toEqual([true, 1]);
  });

  it("that is kept out of a finished experiment says why", async () => {
    const server = await createScriptedServer();
    server.script.join = () => {
      server.finish();
      return refusal("not-found");
    };
    const session = await openSession(server);
    await expect(session.start()).rejects.toMatchObject({ code: "not-found" });
  });

  it("that leaves while it computes keeps nothing, and may join again", async () => {
    const server = await createScriptedServer();
    const { fit, aborted } = gate();
    const session = await openSession(server, { fit });
    const { leave, finished } = await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1);
    await leave();
    await finished;
    expect([aborted(), server.seen.left, session.state().phase]).toEqual([1, 1, "left"]);
    expect(await session.store.keys()).toEqual([]);
    const again = await openSession(server, { store: session.store });
    await again.start();
    expect(server.seen.joins[1].token).toBeUndefined();
    expect(again.state().phase).toBe("waiting");
  });

  it("that leaves drops no data that another client of the browser needs", async () => {
    const server = await createScriptedServer();
    const store = createMemoryClientStore();
    const join = async (index: number) => {
      server.script.join = () => server.offer(index);
      const claimIdentity = async () => ({ index, release: () => {} });
      return (await openSession(server, { store, claimIdentity })).start();
    };
    const [first, second] = [await join(0), await join(1)];
    const { test, shard } = server.offer(1);
    await first.leave();
    const left = (await store.keys()).filter((key) => key.startsWith("blob/"));
    expect(left).toHaveLength(3); // shard, test and vocabulary
    for (const one of [test, shard]) expect(left).toContain(`blob/${one?.hash}`);
    await second.leave();
    expect(await store.keys()).toEqual([]);
  });

  it.each(["in the middle of a round", "while it was away", "as it joins"])(
    "whose experiment is deleted %s says so and keeps nothing",
    async (when) => {
      const server = await createScriptedServer();
      const session = await openSession(server);
      if (when === "as it joins")
        server.script.join = () => {
          server.finish({ removed: true });
          return server.offer(0);
        };
      const { finished } = await session.start();
      if (when === "in the middle of a round") server.finish({ removed: true });
      if (when === "while it was away") {
        session.flaky.drop();
        server.script.join = () => refusal("not-found");
        session.flaky.restore();
      }
      await finished;
      expect(session.state()).toMatchObject({ phase: "removed" });
      expect(session.flaky.isClosed()).toBe(true);
      expect(await session.store.keys()).toEqual([]);
    },
  );

  it("that is put out says why and keeps nothing", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    const { finished } = await session.start();
    server.putOut("Somebody has removed this tab.");
    await finished;
    const error = { code: "forbidden", message: "Somebody has removed this tab." };
    expect(session.state()).toMatchObject({ phase: "failed", error });
    expect(session.flaky.isClosed()).toBe(true);
    expect(await session.store.keys()).toEqual([]);
  });

  it("whose experiment is deleted keeps the model that has learned something", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    const { finished } = await session.start();
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    server.finish({ removed: true });
    await finished;
    expect(session.state()).toMatchObject({ phase: "removed", history: [{ round: 1 }] });
    expect(await session.store.keys()).toContainEqual(expect.stringMatching(/\/study$/));
  });

  it("that is paused on the server knows it", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    server.status(1, undefined, "paused");
    await until(() => session.state().standing === "paused");
    expect(session.state()).toMatchObject({ phase: "waiting", ready: 2 });
  });

  it("whose first connection is lost as it joins waits for the next", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    server.script.join = () => {
      session.flaky.drop();
      throw new TandemError("unavailable", "The connection was lost.");
    };
    await session.start();
    expect(session.state()).toMatchObject({ phase: "joining", connection: "offline" });
    server.script.join = () => server.offer(0);
    session.flaky.restore();
    await until(() => session.state().phase === "waiting");
  });

  it("that has to be let in asks again as the same until it is", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    const token = "token-of-who-waits";
    server.script.join = () => {
      server.script.join = () => server.offer(0);
      return { ok: false, error: { code: "waiting", message: "Not yet." }, token };
    };
    const started = session.start();
    await until(() => session.state().phase === "asking");
    await started;
    expect(server.seen.joins.map((body) => body.token)).toEqual([undefined, token]);
    await until(() => session.state().phase === "waiting");
  });

  it("whose client another tab takes over ends, and joins again as a new one", async () => {
    const server = await createScriptedServer();
    const { fit, aborted } = gate();
    const session = await openSession(server, { fit });
    const { finished } = await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1);
    server.dismiss();
    await finished;
    expect(session.state()).toMatchObject({ phase: "failed", error: { code: "conflict" } });
    expect([aborted(), session.flaky.isClosed(), server.seen.fails]).toEqual([1, true, []]);
    expect(await session.store.keys()).toEqual([]);
    await (await openSession(server, { store: session.store })).start();
    expect(server.seen.joins[1].token).toBeUndefined();
  });

  it("that is dismissed while it begins says so too", async () => {
    const server = await createScriptedServer();
    server.script.ready = () => server.dismiss();
    const session = await openSession(server);
    const { finished } = await session.start();
    await finished;
    expect(session.state()).toMatchObject({ phase: "failed", error: { code: "conflict" } });
  });

  it("has records of its own for each identity", async () => {
    const server = await createScriptedServer();
    const store = createMemoryClientStore();
    for (const index of [0, 1]) {
      server.script.join = () => server.offer(index);
      const claimIdentity = async () => ({ index, release: () => {} });
      const session = await openSession(server, { store, claimIdentity });
      await session.start();
    }
    expect(server.seen.joins.map(({ token }) => token)).toEqual([undefined, undefined]);
    const again = await openSession(server, { store });
    await again.start();
    expect(server.seen.joins[2].token).toBe("token-of-client-0");
  });
});

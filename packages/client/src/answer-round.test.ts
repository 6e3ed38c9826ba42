import { TandemError } from "@tandem/core/errors";
import { describe, expect, it } from "vitest";
import { gate } from "./testing/gate";
import { createScriptedServer } from "./testing/scripted-server";
import { type Fit, openSession, until } from "./testing/test-session";

const refusal = (code: string) => ({ ok: false as const, error: { code, message: `no: ${code}` } });

describe("an instruction", () => {
  it("that comes again while it is computed after a reconnect is computed once", async () => {
    const server = await createScriptedServer();
    const { fit, open, aborted } = gate();
    const session = await openSession(server, { fit });
    await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1);
    session.flaky.drop();
    expect(session.state().connection).toBe("offline");
    session.flaky.restore();
    await until(() => server.seen.samples.length === 2);
    await server.instruct(1);
    await until(() => session.heard.length === 2);
    expect(session.state()).toMatchObject({ phase: "working", connection: "online" });
    open();
    await until(() => session.state().history.length === 1);
    await server.instruct(2); // its turn comes after all of round 1
    await until(() => session.fits.at(-1)?.round === 2);
    expect([session.fits.length, aborted(), server.seen.uploads.length]).toEqual([2, 0, 1]);
    expect(server.seen.joins[1].token).toBe("token-of-client-0");
  });

  it("that asks others is sat out", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    server.status(1, true);
    await until(() => session.state().rests);
    expect(session.state()).toMatchObject({ phase: "waiting", round: 1 });
    server.status(2);
    await until(() => !session.state().rests);
  });

  it("is answered with the speed of the training, which a newcomer's readiness tells again", async () => {
    const server = await createScriptedServer();
    let now = 0;
    const fit: Fit = async () => {
      now += 500; // for two samples
    };
    const session = await openSession(server, { fit, now: () => now });
    await session.start();
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    expect(server.seen.uploads[0].speed).toBe(4);
    session.flaky.drop();
    session.flaky.restore();
    await until(() => server.seen.speeds.length === 2);
    expect(server.seen.speeds).toEqual([undefined, 4]);
  });

  it("that differs aborts the one before", async () => {
    const server = await createScriptedServer();
    const { fit, open, aborted } = gate();
    const session = await openSession(server, { fit });
    await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1);
    await server.instruct(1, "of another attempt");
    await until(() => session.fits.length === 2);
    expect(aborted()).toBe(1);
    open();
    await until(() => session.state().phase === "waiting");
    expect(server.seen).toMatchObject({ fails: [], uploads: [{ round: 1 }] });
  });

  it("whose answer is lost with the connection is answered from the store", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    server.script.upload = () => {
      session.flaky.drop();
      throw new TandemError("unavailable", "The connection was lost.");
    };
    await server.instruct(1);
    await until(() => server.seen.uploads.length === 1);
    server.script.upload = () => ({ ok: true, duplicate: true });
    session.flaky.restore();
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    expect(session.fits).toHaveLength(1);
    expect(server.seen.fails).toEqual([]);
    expect(session.state()).toMatchObject({ phase: "waiting", error: undefined });
  });

  it("that cannot be computed for want of a connection waits to be asked again", async () => {
    const server = await createScriptedServer();
    const fit: Fit = async ({ round }) => {
      if (session.fits.length > 1) return;
      session.flaky.drop();
      throw new TandemError("unavailable", `round ${round}: the download broke off`);
    };
    const session = await openSession(server, { fit });
    await session.start();
    await server.instruct(1);
    await until(() => session.fits.length === 1 && session.state().phase === "waiting");
    expect(session.state()).toMatchObject({ connection: "offline", error: undefined });
    session.flaky.restore();
    await until(() => server.seen.samples.length === 2);
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    expect(server.seen.fails).toEqual([]);
  });

  it("that comes again before its failure is acknowledged is tried again", async () => {
    const server = await createScriptedServer();
    const fit: Fit = async () => {
      if (session.fits.length === 1) throw new Error("out of memory");
    };
    const session = await openSession(server, { fit });
    await session.start();
    server.script.fail = async () => {
      await server.instruct(1);
      await until(() => session.heard.length === 2);
    };
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    expect(server.seen.fails).toEqual([{ round: 1, message: "out of memory" }]);
    expect(session.state().error).toBeUndefined();
  });

  it("answered too late is nobody's failure", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    server.script.upload = () => refusal("stale");
    await server.instruct(1);
    await until(() => server.seen.uploads.length === 1 && session.state().phase === "waiting");
    expect(session.state()).toMatchObject({ error: undefined, history: [] });
    expect(server.seen.fails).toEqual([]);
    server.script.upload = () => ({ ok: true, duplicate: false });
    await server.instruct(2);
    await until(() => session.state().history.length === 1);
    expect(session.state().history).toEqual([{ round: 2, accuracy: 0.5 }]);
  });

  it("whose answer is refused is reported, and the next attempt starts from the weights before", async () => {
    const server = await createScriptedServer();
    const session = await openSession(server);
    await session.start();
    await server.instruct(1);
    await until(() => session.state().history.length === 1);
    server.script.upload = () => refusal("bad-upload");
    await server.instruct(2);
    await until(() => server.seen.fails.length === 1);
    expect(session.state().error).toEqual({ code: "bad-upload", message: "no: bad-upload" });
    server.script.upload = () => ({ ok: true, duplicate: false });
    await server.instruct(2);
    await until(() => session.state().history.length === 2);
    expect(session.state().error).toBeUndefined();
    expect(session.fits.map(({ trained }) => trained)).toEqual([0, 1, 1]);
  });
});

import { blobHash, type ExperimentId } from "@tandem/core/ids";
import type { Change } from "@tandem/core/stores";
import { protocolVersion } from "@tandem/protocol/events";
import { packPayload } from "@tandem/protocol/payload-codec";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { describe, expect, it } from "vitest";
import { applicantId } from "./applicants";
import { initialDocument } from "./round/round-document";
import type { RoundEvent } from "./round/round-state";
import { believing } from "./testing/believing-server";
import {
  ended,
  everything,
  foundIn,
  type Over,
  overWith,
  participant,
  reached,
  study,
  totalOf,
  visitor,
} from "./testing/erasable-study";
import { reduceDocument } from "./testing/round-events";
import { testKey } from "./testing/signing";
import { createStoredWorld } from "./testing/stored-world";
import { openCoordinator, settled, value } from "./testing/world";
import { hashToken } from "./tokens";

describe("erasure", () => {
  it("takes the answer out of an open round, and all else that is stored; the others go on", async () => {
    const given = await study();
    const ada = await participant(given, "Ada", () => 3);
    const grace = await participant(given, "Grace", (round) => (round === 1 ? 5 : null));
    await given.coordinator.start(given.id);
    await reached(given, 2, "collecting");
    await settled(given.world);
    const words = [...ada.words(), `believed/${ada.client}`];
    expect(ada.uploads).toHaveLength(2);
    const before = await everything(given);
    expect(foundIn(before, words)).toEqual(words);
    expect((await given.world.store.metrics(given.id)).map(({ client }) => client)).toContain(
      ada.client,
    );
    expect(await ada.erase(ada.token)).toEqual({ ok: true, found: true });
    expect(foundIn(await everything(given), words)).toEqual([]);
    const metrics = await given.world.store.metrics(given.id);
    expect(metrics.map(({ client }) => client)).not.toContain(ada.client);
    const kept = [...grace.words(), `believed/${grace.client}`];
    expect(foundIn(await everything(given), kept)).toEqual(kept);
    const { clients, rounds } = await given.coordinator.view(given.id);
    expect(clients.find(({ id }) => id === ada.client)).toMatchObject({
      name: "",
      status: "erased",
      samples: 0,
    });
    expect(rounds.map(({ uploads }) => uploads)).toEqual([2, 0]);
    await grace.channel.upload({
      round: 2,
      hash: await given.world.blobs.put(await packPayload(value(7))),
      metrics: {},
    });
    await ended(given);
    expect(await totalOf(given)).toBe(3 + 5 + 7); // what was summed stays
    // The log says what was erased nowhere, and leads to the same state all the same.
    const { config, state } = await given.world.store.get(given.id);
    const log = await given.world.store.events(given.id);
    const replayed = log.reduce(
      (past, { event }) => reduceDocument(config, past, event as unknown as RoundEvent).state,
      initialDocument,
    );
    expect(replayed).toEqual(state);
  });

  it.each(["aggregating", "teaching"])(
    "while the server is %s has the step begin again without it",
    async (phase) => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = believing({ phase, gate });
      const given = await study({ rounds: 1 }, createStoredWorld({}, { server }));
      const ada = await participant(given, "Ada", () => 3);
      await participant(given, "Grace", () => 5);
      await given.coordinator.start(given.id);
      await reached(given, 1, phase);
      await settled(given.world);
      expect(await ada.erase(ada.token)).toEqual({ ok: true, found: true });
      release();
      await ended(given);
      expect(await totalOf(given)).toBe(phase === "aggregating" ? 5 : 8);
      expect(foundIn(await everything(given), [...ada.words(), `believed/${ada.client}`])).toEqual(
        [],
      );
      const [{ uploads }] = (await given.coordinator.view(given.id)).rounds;
      expect(uploads).toBe(phase === "aggregating" ? 1 : 2);
    },
  );

  it("of the only answer has the round asked again", async () => {
    const gate = new Promise<void>(() => {});
    const world = createStoredWorld({}, { server: believing({ phase: "aggregating", gate }) });
    const given = await study({ minClients: 1, rounds: 1 }, world);
    const ada = await participant(given, "Ada", () => 3);
    await given.coordinator.start(given.id);
    await reached(given, 1, "aggregating");
    await ada.erase(ada.token);
    expect((await given.coordinator.view(given.id)).phase).toBe("recruiting");
    await participant(given, "Grace", () => null);
    await reached(given, 1, "collecting");
  });

  const ways: readonly (readonly [string, (over: Over) => Promise<void>])[] = [
    ["has left", async ({ ada }) => void (await ada.channel.request("leave", {}))],
    ["has closed the tab", async ({ ada }) => ada.channel.close()],
    [
      "was removed",
      async ({ given, ada }) => {
        await given.coordinator.removeClient(given.id, ada.client, { address: true });
      },
    ],
    [
      "comes after a restart of the server",
      async ({ given }) => {
        await given.coordinator.close();
        Object.assign(given, { coordinator: openCoordinator(given.world) });
        await given.coordinator.recover();
      },
    ],
  ];
  it.each(ways)("is had later, by key alone too, by somebody who %s", async (_, leave) => {
    const over = await overWith();
    const { given, ada, grace } = over;
    await leave(over);
    await settled(given.world);
    const back = visitor(given, ada.key);
    expect(foundIn(await everything(given), ada.words())).toEqual(ada.words());
    expect(await back.erase()).toEqual({ ok: true, found: true });
    expect(foundIn(await everything(given), ada.words())).toEqual([]);
    expect(foundIn(await everything(given), grace.words())).toEqual(grace.words());
    expect(await back.erase()).toEqual({ ok: true, found: false });
    // Its place is not given out again under its name.
    await given.coordinator.close();
    const restarted = openCoordinator(given.world);
    await restarted.recover();
    expect((await restarted.view(given.id)).clients.map(({ status }) => status)).toContain(
      "erased",
    );
  });

  it("goes to no other key, token or challenge, and a tab that is there is told", async () => {
    const { given, ada, grace } = await overWith();
    const thief = visitor(given);
    expect(await thief.erase(ada.token)).toMatchObject({ error: { code: "unauthorised" } });
    expect(await thief.erase()).toEqual({ ok: true, found: false });
    const other = visitor(given, ada.key);
    expect(await other.erase(undefined, testKey())).toEqual({ ok: true, found: false });
    const forged = { public: ada.key.public, proof: testKey().signNow(new Uint8Array(1)) };
    const body = { experiment: given.id, key: forged };
    expect(await thief.channel.request("erase", body)).toMatchObject({ error: { code: "stale" } });
    await thief.channel.request("challenge", {});
    const refused = await thief.channel.request("erase", body);
    expect(refused).toMatchObject({ error: { code: "bad-message" } });
    const all = [...ada.words(), ...grace.words()];
    expect(foundIn(await everything(given), all)).toEqual(all);
    await other.erase();
    expect(ada.told).toEqual([expect.stringContaining("is erased, as its browser")]);
    expect(grace.told).toEqual([]);
  });

  it("leaves nobody in a place of which nothing is known, who comes back just then", async () => {
    const given = await study();
    const ada = await participant(given, "Ada", () => 3);
    const back = visitor(given, ada.key);
    const [erased, joined] = await Promise.all([
      visitor(given, ada.key).erase(ada.token),
      back.channel.request("join", { ...ada.join, token: ada.token }),
    ]);
    expect(erased).toEqual({ ok: true, found: true });
    const { clients } = await given.coordinator.view(given.id);
    // Before: it is erased too, and has no place. After: it is somebody new.
    const here = await back.channel.request("ready", { samples: 10, device: "hers" });
    const ready = clients.filter(({ name }) => name !== "").map(({ id }) => id);
    expect(here.ok).toBe(joined.ok && ready.includes(joined.client));
    expect(foundIn(await everything(given), [hashToken(ada.token)])).toEqual([]);
  });

  it("leaves nothing of the token of somebody who is removed just then", async () => {
    const { given, ada } = await overWith();
    const remove = () =>
      given.coordinator.removeClient(given.id, ada.client, { address: false }).catch(() => {});
    await Promise.all([visitor(given, ada.key).erase(), remove()]);
    expect(foundIn(await everything(given), ada.words())).toEqual([]);
    await expect(
      given.coordinator.removeClient(given.id, ada.client, { address: false }),
    ).rejects.toThrow(/has no participant p0000/);
    const other = await overWith();
    const removing = other.given.coordinator.removeClient(other.given.id, other.ada.client, {
      address: false,
    });
    await Promise.all([removing, visitor(other.given, other.ada.key).erase()]);
    expect(foundIn(await everything(other.given), other.ada.words())).toEqual([]);
  });

  it("leaves another's equal upload", async () => {
    const given = await study({ rounds: 1 });
    const ada = await participant(given, "Ada", () => 3);
    const grace = await participant(given, "Grace", () => 3);
    expect(await given.coordinator.start(given.id)).toBeDefined();
    await ended(given);
    expect(ada.uploads).toEqual(grace.uploads);
    await ada.erase();
    expect(foundIn(await everything(given), grace.words())).toEqual(grace.words());
    expect(await given.world.archive.has(blobHash(grace.uploads[0]))).toBe(true);
  });

  it.each([false, true])(
    "is whole or not at all where the store fails, written: %s",
    async (written) => {
      const kept = createMemoryExperiments();
      let isBroken = false;
      const commit = async (id: ExperimentId, change: Change) => {
        if (!isBroken || !change.erased) return kept.commit(id, change);
        isBroken = false;
        if (written) await kept.commit(id, change);
        throw new Error("no disk");
      };
      const server = believing();
      const given = await study({}, createStoredWorld({}, { store: { ...kept, commit }, server }));
      const ada = await participant(given, "Ada", () => 3);
      await participant(given, "Grace", () => 5);
      await given.coordinator.start(given.id);
      await ended(given);
      isBroken = true;
      expect(await ada.erase()).toMatchObject({ ok: false });
      const rows = ada.words().slice(0, 4);
      expect(foundIn(await everything(given), rows)).toEqual(written ? [] : rows);
      // A process that dies there leaves as much; one that lives on is asked again.
      expect(await ada.erase()).toEqual({ ok: true, found: true });
      expect(foundIn(await everything(given), ada.words())).toEqual([]);
    },
  );

  it("takes away who waits to be let in", async () => {
    const given = await study({ admission: "approval" });
    const ada = visitor(given);
    const { consent } = await given.coordinator.vacancies(given.id);
    const join = { version: protocolVersion, experiment: given.id, device: "her phone" };
    const reply = await ada.channel.request("join", {
      ...join,
      name: "Ada",
      consent: consent.hash,
    });
    if (reply.ok || !("token" in reply)) throw new Error("let in at once");
    const words = ["Ada", "her phone", applicantId(hashToken(reply.token), ada.key.public)];
    expect(foundIn(await everything(given), words)).toEqual(words);
    expect(await ada.erase(reply.token)).toEqual({ ok: true, found: true });
    expect(foundIn(await everything(given), words)).toEqual([]);
    expect(await given.coordinator.applicants(given.id)).toEqual([]);
  });

  it("leaves of who was removed that newcomers of an address are kept out, and not the name", async () => {
    const { given, ada } = await overWith();
    const { coordinator, id, world } = given;
    await coordinator.removeClient(id, ada.client, { address: true });
    expect((await coordinator.view(id)).keptOut).toMatchObject([{ name: "Ada" }]);
    expect(await visitor(given, ada.key).erase(ada.token)).toEqual({ ok: true, found: true });
    expect(foundIn(await everything(given), ada.words())).toEqual([]);
    expect((await coordinator.view(id)).keptOut).toEqual([
      { id: expect.any(String), at: expect.any(Number) },
    ]);
    expect((await world.store.get(id)).state.barred).toHaveLength(1);
  });

  it("is asked for so often from an address, and no oftener", async () => {
    const given = await study();
    const replies = [];
    for (let i = 0; i < 65; i++) replies.push(await visitor(given).erase());
    expect(replies.at(63)).toEqual({ ok: true, found: false });
    expect(replies.at(64)).toMatchObject({ error: { code: "too-many" } });
  });
});

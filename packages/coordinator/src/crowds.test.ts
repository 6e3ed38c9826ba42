import type { ExperimentId } from "@tandem/core/ids";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { describe, expect, it } from "vitest";
import type { Coordinator } from "./coordinator";
import {
  begin,
  createWorld,
  experiment,
  finalState,
  openCoordinator,
  settled,
  until,
  value,
  type World,
} from "./testing/world";

const places = { readyWithinMs: 60_000, shareOfAddress: 0.5 };
const wholly = { ...places, shareOfAddress: 1 };
const ready = { samples: 10, device: "test" };

/** Somebody who comes from this address. */
function visitor(world: World, coordinator: Coordinator, id: ExperimentId, address = "192.0.2.1") {
  const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
  coordinator.connect({ ...server, address });
  const told: string[] = [];
  client.on("dismissed", ({ reason }) => told.push(reason));
  const join = (wish: Partial<TandemRequests["join"]["request"]> = {}) =>
    client.request("join", { version: protocolVersion, experiment: id, device: "test", ...wish });
  return { ...client, join, told };
}

async function study(config = {}) {
  const world = createWorld({ places });
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment({ slots: 8, minClients: 1, ...config }));
  const come = (address?: string) => visitor(world, coordinator, id, address);
  const held = async () => (await coordinator.view(id)).clients.map(({ slot }) => slot);
  return { world, coordinator, id, come, held };
}

describe("a place", () => {
  it("is not held by who is never ready", async () => {
    const { world, come, held } = await study();
    const [idle, good] = [come(), come()];
    await idle.join();
    await good.join();
    await good.request("ready", ready);
    world.clock.advance(59_000);
    await settled(world);
    expect(await held()).toEqual([0, 1]);
    world.clock.advance(2000);
    await settled(world);
    expect(await held()).toEqual([1]);
    expect(idle.told).toEqual([expect.stringMatching(/not ready for 1 min.*Join again/)]);
    expect(good.told).toEqual([]);
    expect(await idle.request("ready", ready)).toMatchObject({ error: { code: "unauthorised" } });
    expect(await idle.join()).toMatchObject({ ok: true, slot: 0 });
  });

  it("is free in seconds when its client fails before it is ready", async () => {
    const { world, come, held } = await study({ slots: 1 });
    const first = come();
    await first.join();
    first.close();
    world.clock.advance(6000);
    await settled(world);
    expect(await held()).toEqual([]);
    expect(await come().join()).toMatchObject({ ok: true, slot: 0 });
  });

  it("is held by who is slow and says so, and not by who is silent", async () => {
    const world = createWorld({ places: wholly });
    const silence = () => "silence" as const;
    const config = { minClients: 1, quorum: 0.3, rounds: 1000 };
    const answers = [undefined, silence, silence];
    const { coordinator, id, clients } = await begin(world, answers, config);
    for (let waited = 0; waited < 150; waited++) {
      world.clock.advance(1000);
      await settled(world);
      if (waited % 10 === 0)
        await clients[1].channel.request("progress", { round: 1, stage: "train", fraction: 0.5 });
    }
    const { clients: shown } = await coordinator.view(id);
    expect(shown.map(({ slot }) => slot)).toEqual([0, 1]);
  });
});

describe("one address", () => {
  it("holds no more than its share of the places, but this machine all of them", async () => {
    const { come } = await study();
    const wishes = async (address: string) => {
      const replies = [];
      for (let i = 0; i < 5; i++) replies.push(await come(address).join());
      return replies;
    };
    const replies = await wishes("192.0.2.1");
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, true, true, false]);
    expect(replies[4]).toMatchObject({
      error: {
        code: "full",
        message: expect.stringMatching(/4 of the 8 places.*--places-per-address/),
      },
    });
    expect((await wishes("127.0.0.1")).map(({ ok }) => ok)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    const { come: alone } = await study({ slots: 1 });
    expect(await alone("192.0.2.1").join()).toMatchObject({ ok: true });
  });

  it("joins so often only, whatever it gives back", async () => {
    const { world, come } = await study();
    const codes = new Set<string>();
    for (let cycle = 0; cycle < 120; cycle++) {
      const one = come();
      const reply = await one.join();
      codes.add(reply.ok ? "ok" : reply.error.code);
      await one.request("leave", {});
    }
    expect([...codes]).toEqual(["ok", "too-many"]);
    expect(await come("192.0.2.2").join()).toMatchObject({ ok: true });
    world.clock.advance(2000);
    expect(await come().join()).toMatchObject({ ok: true });
  });
});

describe("who is removed", () => {
  it("is told so, and stays out, also of a server that has started again", async () => {
    const { world, coordinator, id, come, held } = await study();
    const [bad, good] = [come(), come()];
    const joined = await bad.join();
    if (!joined.ok) throw new Error(joined.error.message);
    const { token, client } = joined;
    await good.join();
    await good.request("ready", ready);
    await coordinator.removeClient(id, client, { address: false });
    await settled(world);
    expect(bad.told).toEqual([expect.stringMatching(/has removed this tab/)]);
    expect(await held()).toEqual([1]);
    expect(await bad.join({ token })).toMatchObject({ error: { code: "forbidden" } });
    expect(await come().join()).toMatchObject({ ok: true }); // nobody else is kept out
    await coordinator.close();
    const next = openCoordinator(world);
    expect(await visitor(world, next, id).join({ token })).toMatchObject({
      error: { code: "forbidden" },
    });
    await expect(next.removeClient(id, "nobody", { address: true })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("keeps newcomers of its address out where that is wished, and nobody who is in", async () => {
    const { world, coordinator, id, come, held } = await study();
    const [bad, neighbour] = [come(), come()];
    const [joined] = [await bad.join(), await neighbour.join()];
    if (!joined.ok) throw new Error(joined.error.message);
    await coordinator.removeClient(id, joined.client, { address: true });
    await settled(world);
    expect(await held()).toEqual([1]);
    expect(await come().join()).toMatchObject({ error: { code: "forbidden" } });
    expect(await come("192.0.2.2").join()).toMatchObject({ ok: true });
    expect(JSON.stringify((await world.store.get(id)).state)).not.toContain("192.0.2.1");
  });

  it("stays out when newcomers of its address are let in again, also after a restart", async () => {
    const { world, coordinator, id, come } = await study();
    const bad = come();
    const joined = await bad.join({ name: "Eve" });
    if (!joined.ok) throw new Error(joined.error.message);
    await coordinator.removeClient(id, joined.client, { address: true });
    await coordinator.close();
    const next = openCoordinator(world);
    const [kept, ...others] = (await next.view(id)).keptOut;
    expect(others).toEqual([]);
    expect(JSON.stringify(await world.store.get(id))).not.toContain("Eve");
    expect(JSON.stringify(kept)).not.toMatch(/192|[0-9a-f]{32}/);
    await expect(next.readmit(id, "nobody")).rejects.toMatchObject({ code: "not-found" });
    await next.readmit(id, kept.id);
    expect((await next.view(id)).keptOut).toEqual([]);
    expect(await visitor(world, next, id).join()).toMatchObject({ ok: true });
    expect(await visitor(world, next, id).join({ token: joined.token })).toMatchObject({
      error: { code: "forbidden" },
    });
  });

  it("has no part in the sum of the round that is open", async () => {
    const world = createWorld({ places: wholly });
    const lie = () => value(1000);
    const config = { rounds: 1, minClients: 3 };
    const answers = [undefined, lie, () => "silence" as const];
    const { coordinator, id, clients, ended } = await begin(world, answers, config);
    await until(world, async () => (await coordinator.view(id)).rounds[0]?.uploads === 2);
    await settled(world);
    const { clients: shown, keptOut } = await coordinator.removeClient(id, "p0001", {
      address: true,
    });
    expect(shown[1].status).toBe("removed");
    expect(keptOut.map(({ name }) => name)).toEqual([shown[1].name]);
    expect(await clients[1].upload(1, value(1000)).catch(() => "out")).toMatchObject({
      error: { code: "unauthorised" },
    });
    await ended();
    const { rounds } = await coordinator.view(id);
    expect(rounds[0]).toMatchObject({ uploads: 1, metrics: { sum: 1, "accuracy/mean": 0.1 } });
    expect(await finalState(world, id)).toBe(2);
  });
});

import type { ExperimentStore } from "@tandem/core/stores";
import { protocolVersion } from "@tandem/protocol/events";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  begin,
  createClient,
  createWorld,
  finalState,
  settled,
  until,
} from "./testing/world";

const join = (id: string) => ({
  version: protocolVersion,
  experiment: id as never,
  device: "test",
});
const three = [undefined, undefined, undefined];
const silence: Answer = () => "silence";

describe("a round that all clients fail", () => {
  it("is tried again without waiting, then the experiment fails with the last reason", async () => {
    const world = createWorld();
    let healthy = false;
    const asked = [0, 0];
    const failing: Answer = (_, slot) => {
      asked[slot]++;
      return healthy ? { arrays: {}, meta: { value: 1 } } : "failure";
    };
    const config = { slots: 2, minClients: 2, rounds: 1 };
    const { coordinator, id, ended } = await begin(world, [failing, failing], config);
    // The clock stands still: no deadline has a part in it.
    for (let i = 0; i < 20; i++) await settled(world);
    const view = await coordinator.view(id);
    expect(view).toMatchObject({ status: "failed", round: 1 });
    expect(view.error).toMatch(/Round 1.*out of memory\. Resume to try again/);
    expect(asked).toEqual([3, 3]);
    healthy = true;
    await coordinator.resume(id);
    await ended();
    expect(await finalState(world, id)).toBe(3);
  });

  it("goes on when one of them answers the second attempt", async () => {
    const world = createWorld();
    let attempts = 0;
    const failing: Answer = (_, slot) => {
      if (slot === 0) attempts++;
      return attempts > 1 && slot === 0 ? { arrays: {}, meta: { value: 1 } } : "failure";
    };
    const config = { slots: 2, minClients: 2, rounds: 1 };
    const { coordinator, id, ended } = await begin(world, [failing, failing], config);
    await ended();
    expect((await coordinator.view(id)).rounds[0]).toMatchObject({ cohort: 2, uploads: 1 });
  });
});

describe("a client", () => {
  it("that has left may join again over the same connection, in the same place", async () => {
    const world = createWorld();
    const { coordinator, id, clients } = await begin(world, three);
    const [, second] = clients;
    await second.channel.request("leave", {});
    expect((await coordinator.view(id)).clients.map(({ slot }) => slot)).toEqual([0, 2]);
    const again = await second.channel.request("join", { ...join(id), slot: 1 });
    expect(again).toMatchObject({ ok: true, slot: 1 });
    const view = await coordinator.view(id);
    expect(view.clients.map(({ slot, status }) => `${slot} ${status}`)).toEqual([
      expect.stringMatching(/^0/),
      "1 joined",
      expect.stringMatching(/^2/),
    ]);
  });

  it("that leaves while its upload is judged is not asked again", async () => {
    const world = createWorld();
    const answers = [undefined, undefined, silence];
    const { coordinator, id, clients, ended } = await begin(world, answers, { minClients: 2 });
    await until(world, async () => (await coordinator.view(id)).phase === "collecting");
    await settled(world);
    const hash = await world.blobs.put(encodePayload({ arrays: {}, meta: { value: 3 } }));
    const uploaded = clients[2].channel.upload({ round: 1, hash, metrics: {} });
    await clients[2].channel.request("leave", {});
    expect(await uploaded).toMatchObject({ error: { code: "stale" } });
    await ended();
    const { rounds } = await coordinator.view(id);
    expect(rounds.map(({ cohort }) => cohort)).toEqual([3, 2, 2]);
  });

  it("whose place was given away becomes a new client, with a new token", async () => {
    const world = createWorld();
    const { coordinator, id, clients } = await begin(world, [undefined, undefined], {
      slots: 2,
      minClients: 1,
      rounds: 50,
    });
    await until(world, async () => (await coordinator.view(id)).round > 1);
    const token = clients[1].token() ?? "";
    clients[1].channel.close();
    const other = createClient(world, coordinator, id, { slot: 1 });
    expect(await other.join()).toBe(false);
    for (let waited = 0; waited <= 60; waited += 5) world.clock.advance(5000);
    expect(await other.join()).toBe(true);
    const late = createClient(world, coordinator, id, { slot: 1, token });
    expect(await late.channel.request("join", { ...join(id), token })).toMatchObject({
      error: { code: "full" },
    });
    await other.channel.request("leave", {});
    const back = await late.channel.request("join", { ...join(id), slot: 1, token });
    expect(back).toMatchObject({ ok: true, slot: 1 });
    // The place is free again, and so the token is worth something again.
    expect(back.ok && back.token).toBe(token);
  });

  it("is not set to work while the experiment is paused, but when it is resumed", async () => {
    const world = createWorld();
    let asked = 0;
    let silent = true;
    const answer: Answer = () => {
      asked++;
      return silent ? "silence" : { arrays: {}, meta: { value: 3 } };
    };
    const { coordinator, id, clients, ended } = await begin(
      world,
      [undefined, undefined, silence],
      { rounds: 1 },
    );
    await until(world, async () => (await coordinator.view(id)).phase === "collecting");
    await coordinator.pause(id);
    const token = clients[2].token() ?? "";
    clients[2].channel.close();
    const again = createClient(world, coordinator, id, { slot: 2, token, answer });
    expect(await again.join()).toBe(true);
    await settled(world);
    expect(asked).toBe(0);
    silent = false;
    await coordinator.resume(id);
    await ended();
    expect(asked).toBe(1);
    expect(await finalState(world, id)).toBe(7);
  });

  it("that comes back after the last round is told so", async () => {
    const world = createWorld();
    const { coordinator, id, clients, ended } = await begin(world, three, { rounds: 1 });
    await ended();
    const token = clients[0].token() ?? "";
    clients[0].channel.close();
    const again = createClient(world, coordinator, id, { slot: 0, token });
    const notices: unknown[] = [];
    again.channel.on("finish", (notice) => notices.push(notice));
    expect(await again.join()).toBe(true);
    expect(notices).toHaveLength(1);
    const stranger = createClient(world, coordinator, id, { slot: 0 });
    expect(await stranger.channel.request("join", join(id))).toMatchObject({
      error: { code: "conflict" },
    });
  });

  it("whose return could not be stored, and who then stays away, loses its place in time", async () => {
    const memory = createMemoryExperiments();
    let broken = false;
    const store: ExperimentStore = {
      ...memory,
      commit: async (id, change) => {
        if (broken) throw new Error("disk full");
        return memory.commit(id, change);
      },
    };
    const world = createWorld({ store });
    const { coordinator, id, clients } = await begin(world, [undefined, undefined, silence], {
      minClients: 2,
      rounds: 50,
      deadlineMs: 3_600_000,
    });
    await until(world, async () => (await coordinator.view(id)).phase === "collecting");
    await settled(world);
    const token = clients[2].token() ?? "";
    clients[2].channel.close();
    const again = createClient(world, coordinator, id, { slot: 2, token });
    broken = true;
    expect(await again.join()).toBe(false);
    broken = false;
    again.channel.close();
    // The round does not wait for it any longer.
    await until(world, async () => (await coordinator.view(id)).round > 1, 30_000);
    for (let waited = 0; waited <= 60; waited += 5) world.clock.advance(5000);
    const other = createClient(world, coordinator, id, { slot: 2 });
    expect(await other.join()).toBe(true);
  });
});

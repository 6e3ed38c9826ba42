import { protocolVersion } from "@tandem/protocol/events";
import { expect, it } from "vitest";
import { replay } from "./replay";
import { begin, counterServer, createWorld, openCoordinator, settled } from "./testing/world";

it("rounds are added while it runs and survive a restart; the log still leads to the stored state", async () => {
  const world = createWorld();
  const clients = [undefined, undefined, undefined];
  const { coordinator, id, ended } = await begin(world, clients, { rounds: 1 });
  expect((await coordinator.extend(id, 2)).config.rounds).toBe(3);
  await expect(coordinator.extend(id, 998)).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringContaining("add 997 rounds at most"),
  });
  await ended();
  const { rounds, status } = await coordinator.view(id);
  expect([status, rounds.length]).toEqual(["finished", 3]);
  await expect(coordinator.extend(id, 1)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("clone it with more rounds"),
  });
  const again = await openCoordinator(world).view(id);
  expect(again.config.rounds).toBe(3);
  const record = await world.store.get(id);
  const { blobs, store } = world;
  const found = await replay({
    store,
    blobs,
    record,
    server: counterServer,
    classes: ["cat", "dog"],
  });
  expect(found).toMatchObject({ steps: 9, differing: [], isSameState: true });
});

it("who has agreed to fewer rounds comes back by agreeing again; who has not had to goes on", async () => {
  const world = createWorld();
  const { coordinator, id, clients } = await begin(world, [() => "silence"], {
    ...{ slots: 2, minClients: 1 },
  });
  const { consent } = await coordinator.vacancies(id);
  const { client: channel, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
  coordinator.connect(server);
  const wish = { version: protocolVersion, experiment: id, device: "test" } as const;
  const joined = await channel.request("join", { ...wish, consent: consent.hash });
  if (!joined.ok) throw new Error(joined.error.message);
  const changes: unknown[] = [];
  channel.onConnection((...change) => changes.push(change));
  const rounds: number[] = [];
  clients[0].channel.on("status", (told) => rounds.push(told.rounds));
  await coordinator.extend(id, 4);
  await settled(world);
  // Not dismissed: a channel over a network opens another connection.
  expect(changes).toEqual([
    [true, false],
    [false, false],
  ]);
  expect(rounds.at(-1)).toBe(7);
  const { client: next, server: other } = world.pair({
    blobs: world.blobs,
    meter: coordinator.meter,
  });
  coordinator.connect(other);
  const { token } = joined;
  expect(await next.request("join", { ...wish, token, consent: consent.hash })).toMatchObject({
    error: { code: "stale" },
  });
  const now = (await coordinator.vacancies(id)).consent;
  expect(now.terms).toContainEqual({ what: "Rounds", said: "7" });
  expect(await next.request("join", { ...wish, token, consent: now.hash })).toMatchObject({
    ok: true,
    client: joined.client,
    rounds: 7,
  });
});

import type { Change, ExperimentStore } from "@tandem/core/stores";
import { protocolVersion } from "@tandem/protocol/events";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { expect, it } from "vitest";
import { begin, createWorld, experiment, openCoordinator, settled, until } from "./testing/world";

/** A store that tells what each commit has written. */
function watched() {
  const memory = createMemoryExperiments();
  const changes: Change[] = [];
  const store: ExperimentStore = {
    ...memory,
    async commit(id, change) {
      changes.push(change);
      return memory.commit(id, change);
    },
  };
  return { store, changes };
}

const join = (id: string, slot: number) => ({
  version: protocolVersion,
  experiment: id as never,
  slot,
  device: "test",
});
const ready = { samples: 10, device: "test" };

/** Places 0 and 1 are taken; whoever comes and goes has the third. */
async function study() {
  const { store, changes } = watched();
  const world = createWorld({ store });
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(experiment());
  const connect = () => {
    const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
    coordinator.connect(server);
    return client;
  };
  for (const slot of [0, 1]) {
    const client = connect();
    await client.request("join", join(id, slot));
    await client.request("ready", ready);
  }
  const size = async () => ({
    clients: (await store.clients(id)).length,
    state: JSON.stringify((await store.get(id)).state).length,
    events: (await store.events(id)).length,
    shown: (await coordinator.view(id)).clients.length,
  });
  return { world, changes, id, connect, size };
}

it("who joins and leaves in a loop leaves nothing behind", async () => {
  const { changes, world, id, connect, size } = await study();
  const before = await size();
  changes.length = 0;
  for (let cycle = 0; cycle < 20; cycle++) {
    const client = connect();
    expect(await client.request("join", join(id, 2))).toMatchObject({ ok: true });
    await client.request("leave", {});
    client.close();
    world.clock.advance(1000);
  }
  expect(await size()).toEqual(before);
  // Of the two who stay one line is written, for the bytes of what they were told last.
  const written = changes.flatMap(({ clients = [] }) => clients.map(({ slot }) => slot));
  expect(written.filter((slot) => slot !== 2).length).toBeLessThanOrEqual(2);
  expect(written.length).toBeLessThanOrEqual(22);
  expect(changes.every(({ events, experiment: row }) => !events?.length && !row?.state)).toBe(true);
});

it("who is ready in between leaves no more than the lines of the log", async () => {
  const { id, connect, size } = await study();
  const before = await size();
  for (let cycle = 0; cycle < 20; cycle++) {
    const client = connect();
    await client.request("join", join(id, 2));
    await client.request("ready", { ...ready, speed: 5 });
    await client.request("leave", {});
  }
  const { events, ...rest } = await size();
  expect(rest).toEqual({ clients: before.clients, state: before.state, shown: before.shown });
  expect(events - before.events).toBe(40);
});

it("who has answered a round is kept when it leaves, and who was asked until the round is over", async () => {
  const world = createWorld();
  const { coordinator, id, clients } = await begin(world, [undefined, undefined, () => "silence"], {
    minClients: 2,
    rounds: 3,
  });
  await until(world, async () => (await coordinator.view(id)).rounds[0]?.uploads === 2);
  await settled(world);
  await clients[2].channel.request("leave", {});
  await until(world, async () => (await coordinator.view(id)).round > 1);
  await clients[0].channel.request("leave", {});
  await until(world, async () => (await coordinator.view(id)).status === "finished");
  const kept = (await world.store.clients(id)).map(({ slot, leftAt }) => [
    slot,
    leftAt !== undefined,
  ]);
  expect(kept).toEqual([
    [0, true],
    [1, false],
  ]);
});

it("an id is nobody else's while its record is kept", async () => {
  const world = createWorld();
  const { coordinator, id, clients } = await begin(world, [undefined], {
    slots: 1,
    minClients: 1,
    rounds: 50,
  });
  await until(world, async () => (await coordinator.view(id)).round > 1);
  await clients[0].channel.request("leave", {});
  for (let turn = 0; turn < 3; turn++) {
    const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
    coordinator.connect(server);
    const reply = await client.request("join", join(id, 0));
    expect(reply).toMatchObject({ ok: true, client: "p0000-2" });
    await client.request("leave", {});
  }
});

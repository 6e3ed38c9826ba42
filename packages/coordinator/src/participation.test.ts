import { requests } from "@tandem/protocol/events";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { expect, it } from "vitest";
import { type Answer, begin, createWorld, settled, value } from "./testing/world";

it("a round asks its share of the clients; the others are told that they rest", async () => {
  const world = createWorld();
  let silent = true;
  const asked: string[] = [];
  const answer: Answer = (round, slot) => {
    asked.push(`${round}/${slot}`);
    return silent ? "silence" : value(1);
  };
  const four = [answer, answer, answer, answer];
  const config = { slots: 4, minClients: 4, participation: 0.5 };
  const { coordinator, id, clients, ended } = await begin(world, four, config);
  const rests = clients.map(() => [] as boolean[]);
  clients.forEach(({ channel }, slot) => {
    channel.on("status", (status) => rests[slot].push(status.rests ?? false));
  });
  await settled(world);
  const view = await coordinator.view(id);
  expect(view).toMatchObject({ phase: "collecting", rounds: [{ cohort: 2 }] });
  const working = view.clients.map(({ status }) => status === "working");
  expect(view.clients.map(({ status }) => status).sort()).toEqual([
    "resting",
    "resting",
    "working",
    "working",
  ]);
  expect(asked.sort()).toEqual(working.flatMap((is, slot) => (is ? [`1/${slot}`] : [])));
  expect(rests.map((told) => told.at(-1))).toEqual(working.map((is) => !is));
  silent = false;
  const ready = { samples: 10, device: "test" };
  for (const { channel } of clients.filter((_, slot) => working[slot]))
    await channel.request("ready", ready); // is asked once more
  await ended();
  const { rounds } = await coordinator.view(id);
  expect(rounds.map(({ cohort, uploads }) => [cohort, uploads])).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
});

it("a client's speed is shown, and one that nobody can have is refused", async () => {
  const world = createWorld();
  const { coordinator, id, clients } = await begin(world, [undefined], { slots: 1, minClients: 1 });
  const ready = { samples: 10, device: "test" };
  expect(await clients[0].channel.request("ready", { ...ready, speed: 250 })).toEqual({ ok: true });
  expect((await coordinator.view(id)).clients[0].speed).toBe(250);
  for (const speed of [0, -1, 1e7, Number.POSITIVE_INFINITY])
    expect(requests.ready.request.safeParse({ ...ready, speed }).success).toBe(false);
});

it("what several are asked alike is packed and put once", async () => {
  const blobs = createMemoryBlobs();
  const puts: string[] = [];
  const counted = {
    ...blobs,
    async put(bytes: Uint8Array) {
      const hash = await blobs.put(bytes);
      puts.push(hash);
      return hash;
    },
  };
  const world = createWorld({ blobs: counted });
  const silent: Answer = () => "silence";
  const config = { slots: 4, minClients: 4 };
  const { id } = await begin(world, [silent, silent, silent, silent], config);
  await settled(world);
  const { state } = await world.store.get(id);
  const asked = Object.values(state.instructions as Record<string, { readonly hash: string }>);
  expect(asked).toHaveLength(4);
  const [{ hash }] = asked;
  expect(new Set(asked.map((one) => one.hash))).toEqual(new Set([hash]));
  // As the state of the round, which says the same here, and as what is asked.
  expect(puts.filter((put) => put === hash)).toHaveLength(2);
});

import { expect, it } from "vitest";
import { awayLimitMs } from "./places";
import { begin, createWorld, settled } from "./testing/world";

it("says before joining how many places of which kind are free", async () => {
  const world = createWorld();
  const four = [undefined, undefined, undefined];
  const { coordinator, id, clients } = await begin(world, four, { slots: 4, minClients: 4 });
  const free = async () =>
    (await coordinator.vacancies(id)).places.map((place) => [
      place.modality,
      place.free,
      place.total,
    ]);
  expect(await free()).toEqual([
    ["image", 0, 2],
    ["text", 1, 2],
  ]);
  expect(await coordinator.vacancies(id)).toMatchObject({ classes: 2, sharedBytes: 6 });
  await clients[0].channel.request("leave", {});
  expect(await free()).toContainEqual(["image", 1, 2]);
  clients[1].channel.close();
  await settled(world);
  expect(await free()).toContainEqual(["text", 1, 2]); // it may come back
  world.clock.advance(awayLimitMs + 1);
  expect(await free()).toContainEqual(["text", 2, 2]);
});

it("tells a client that becomes ready, and everybody on a change, that the experiment is paused", async () => {
  const world = createWorld();
  const one = { slots: 2, minClients: 2 };
  const { coordinator, id, clients } = await begin(world, [undefined], one);
  const [{ channel }] = clients;
  const told: string[] = [];
  channel.on("status", ({ phase }) => told.push(phase));
  await coordinator.pause(id);
  await settled(world);
  expect(told.at(-1)).toBe("paused");
  told.length = 0;
  await channel.request("ready", { samples: 10, device: "test" });
  expect(told.at(-1)).toBe("paused");
});

it("says that an experiment has been removed, not that it is done", async () => {
  const world = createWorld();
  const { coordinator, id, clients } = await begin(world, [undefined], { slots: 2, minClients: 2 });
  const finishes: unknown[] = [];
  clients[0].channel.on("finish", (notice) => finishes.push(notice));
  await coordinator.remove(id);
  expect(finishes).toEqual([{ reason: "The experiment has been removed.", removed: true }]);
});

import { expect, it } from "vitest";
import { createWorld, experiment, openCoordinator, settled } from "./testing/world";

it("whoever watches an experiment is told when it is deleted, and of no other", async () => {
  const world = createWorld();
  const coordinator = openCoordinator(world);
  const [kept, deleted] = [
    await coordinator.create(experiment()),
    await coordinator.create(experiment()),
  ];
  const told = await Promise.all(
    [kept, deleted].map(async ({ id }) => {
      const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
      coordinator.connect(server);
      const ends: unknown[] = [];
      client.on("finish", (end) => ends.push(end));
      await client.request("watch", { experiment: id });
      return ends;
    }),
  );
  await coordinator.remove(deleted.id);
  await settled(world);
  expect(told).toEqual([[], [{ reason: "The experiment has been removed.", removed: true }]]);
});

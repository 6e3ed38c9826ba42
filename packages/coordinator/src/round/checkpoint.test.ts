import type { Change, ExperimentStore } from "@tandem/core/stores";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { expect, it } from "vitest";
import { begin, createWorld, openCoordinator, settled, until, value } from "../testing/world";
import { isCheckpointDue, stateOf } from "./checkpoint";
import { initialRound } from "./round-state";

async function collecting(clients: number) {
  const memory = createMemoryExperiments();
  const changes: Change[] = [];
  const store: ExperimentStore = {
    ...memory,
    async commit(id, change) {
      await memory.commit(id, change);
      changes.push(change);
    },
  };
  const world = createWorld({ store });
  const silent = Array.from({ length: clients }, () => () => "silence" as const);
  const config = { slots: clients, minClients: clients, rounds: 1 };
  const begun = await begin(world, silent, config);
  await until(world, async () => (await begun.coordinator.view(begun.id)).phase === "collecting");
  await settled(world);
  changes.length = 0;
  return { ...begun, world, changes };
}

it.each([6, 60])("an upload writes as little among %i clients", async (count) => {
  const { clients, changes } = await collecting(count);
  await clients[0].upload(1, value(1));
  await clients[1].upload(1, value(2));
  for (const change of changes) {
    expect(change.experiment).not.toHaveProperty("state");
    expect(change.rounds).toEqual([]);
    expect(change.counts).toHaveLength(1);
  }
  expect(changes).toHaveLength(2);
  // The first has also what all have fetched since the phase began.
  expect(JSON.stringify(changes[1]).length).toBeLessThan(2000);
});

it("what has been logged since is there after a restart, and in the state of now", async () => {
  const { coordinator, clients, world, id, changes } = await collecting(3);
  await clients[0].upload(1, value(1));
  await coordinator.close();
  const record = await world.store.get(id);
  expect(record).toMatchObject({ stateSequence: record.sequence - 1, state: { answers: {} } });
  const log = await world.store.events(id);
  const rules = { ...record.config, lateRounds: 0 };
  expect([...stateOf(rules, record, log).answers.keys()]).toEqual(["p0000"]);
  const again = openCoordinator(world);
  await again.recover();
  const view = await again.view(id);
  expect(view.rounds[0].uploads).toBe(1);
  expect(await again.stateAfter(record, log)).toMatchObject({ phase: "collecting" });
  // Nobody has to read the upload back a second time.
  expect(changes.at(-1)?.experiment).toMatchObject({
    state: { answers: { p0000: expect.any(String) } },
  });
});

it("is written again after so many events that reading them back takes no longer than it may", () => {
  expect(isCheckpointDue(initialRound, 999)).toBe(false);
  expect(isCheckpointDue(initialRound, 1000)).toBe(true);
  const waitsSince = initialRound.waitsSince.set("a", 1);
  expect(isCheckpointDue({ ...initialRound, waitsSince }, 1001)).toBe(false);
  expect(isCheckpointDue({ ...initialRound, waitsSince }, 1002)).toBe(true);
});

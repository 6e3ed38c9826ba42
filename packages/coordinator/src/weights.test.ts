import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import { protocolVersion } from "@tandem/protocol/events";
import { expect, it } from "vitest";
import {
  begin,
  counterServer,
  createClient,
  createWorld,
  experiment,
  openCoordinator,
  ownTerms,
  until,
} from "./testing/world";

/** Notes how many samples a strategy is told that each client has: all that any of them weighs by. */
function watching() {
  const told = new Map<string, Set<number>>();
  const note = ({ id, samples }: ClientInfo) =>
    told.set(id, (told.get(id) ?? new Set()).add(samples));
  const server: ServerHalf = {
    ...counterServer,
    instruct(state, client, answered) {
      note(client);
      return counterServer.instruct(state, client, answered);
    },
    accumulate(sum, update) {
      note(update.client);
      return counterServer.accumulate(sum, update);
    },
  };
  return { server, told: () => Array.from(told, ([id, samples]) => [id, ...samples]) };
}

it("a client weighs as many samples as it was dealt, whatever it says", async () => {
  const { server, told } = watching();
  const world = createWorld({ server });
  const honest = [undefined, undefined, undefined];
  const { coordinator, id, clients, ended } = await begin(world, honest, { rounds: 2 });
  const lie = { samples: 1_000_000, device: "test", speed: 10 };
  expect(await clients[1].channel.request("ready", lie)).toEqual({ ok: true });
  await ended();
  expect(told()).toEqual([
    ["p0000", 10],
    ["p0001", 10],
    ["p0002", 10],
  ]);
  expect((await coordinator.view(id)).clients.map(({ samples }) => samples)).toEqual([10, 10, 10]);
});

it("of data that it brings a client weighs as many samples as the experiment lets count", async () => {
  const { server, told } = watching();
  const world = createWorld({ server, own: { terms: ownTerms, hasTest: false } });
  const coordinator = openCoordinator(world);
  const config = { slots: 2, minClients: 2, rounds: 1, mostSamples: 50 };
  const { id } = await coordinator.create(experiment(config));
  expect((await coordinator.vacancies(id)).own).toMatchObject({ mostSamples: 50 });
  const join = (slot: number, samples: number, heldOut: number) =>
    createClient(world, coordinator, id, { slot, own: { modality: "image", samples, heldOut } });
  const [honest, liar] = [join(0, 40, 10), join(1, 1_000_000, 1_000_000)];
  expect([await honest.join(), await liar.join()]).toEqual([true, true]);
  // Who has joined with one number does not go on with another.
  const other = { samples: 50, device: "test" };
  expect(await liar.channel.request("ready", other)).toMatchObject({ error: { code: "bad-data" } });
  const token = liar.token() ?? "";
  const own = { modality: "image", samples: 900_000, heldOut: 10 } as const;
  const again = { version: protocolVersion, experiment: id, device: "test", token, own };
  expect(await liar.channel.request("join", again)).toMatchObject({ ok: true, token });
  await liar.channel.request("ready", { samples: 900_000, device: "test" });
  await coordinator.start(id);
  await until(world, async () => (await coordinator.view(id)).status === "finished");
  expect(told()).toEqual([
    ["p0000", 40],
    ["p0001", 50],
  ]);
  // Its accuracy of 0.2 counts as 10 samples held out, that of the other of 0.1 too.
  const { rounds } = await coordinator.view(id);
  expect(rounds[0].metrics["accuracy/mean"]).toBeCloseTo(0.15);
});

it("of accuracy on samples of its own a client weighs no more either", async () => {
  const world = createWorld({ own: { terms: ownTerms, hasTest: false } });
  const coordinator = openCoordinator(world);
  const config = { slots: 2, minClients: 2, rounds: 1, mostSamples: 50 };
  const { id } = await coordinator.create(experiment(config));
  for (const [slot, heldOut] of [50, 1_000_000].entries())
    await createClient(world, coordinator, id, {
      slot,
      own: { modality: "image", samples: 40, heldOut },
    }).join();
  await coordinator.start(id);
  await until(world, async () => (await coordinator.view(id)).status === "finished");
  const { rounds } = await coordinator.view(id);
  expect(rounds[0].metrics["accuracy/mean"]).toBeCloseTo(0.15);
});

import { dayMs, hourMs } from "@tandem/core/duration";
import { describe, expect, it } from "vitest";
import {
  everything,
  foundIn,
  overWith,
  participant,
  reached,
  study,
  totalOf,
} from "./testing/erasable-study";
import { experiment, openCoordinator, settled, until } from "./testing/world";

describe("participants' data", () => {
  it("is erased so many days after the end, within the hour, and what all have made stays", async () => {
    const { given, ada, grace } = await overWith({ retentionDays: 2 });
    const { world, coordinator, id } = given;
    await coordinator.removeClient(id, grace.client, { address: true });
    await coordinator.recover();
    const end = (await coordinator.view(id)).rounds[1].endedAt ?? Number.NaN;
    expect((await coordinator.view(id)).retention).toEqual({ dueAt: end + 2 * dayMs });
    const words = [...ada.words(), ...grace.words(), "believed/"];
    const before = await coordinator.view(id);
    world.clock.advance(end + 2 * dayMs - 1 - world.clock.now());
    await settled(world);
    expect(foundIn(await everything(given), words)).toEqual(words);
    world.clock.advance(hourMs);
    await until(world, async () => (await coordinator.view(id)).retention.erasedAt !== undefined);
    await settled(world);
    expect(foundIn(await everything(given), words)).toEqual([]);
    const { state } = await world.store.get(id);
    expect([state.barred, state.keptOut]).toEqual([[], []]);
    const after = await coordinator.view(id);
    const lasting = ({ rounds }: typeof after) => rounds.map(({ bytesDown: _, ...round }) => round); // they are told of it
    expect(lasting(after)).toEqual(lasting(before));
    expect(after.clients.map(({ status }) => status)).toEqual(["erased", "erased"]);
    const { length } = await world.store.events(id);
    world.clock.advance(10 * dayMs);
    await settled(world);
    expect(await world.store.events(id)).toHaveLength(length);
    expect(await totalOf(given)).toBe(2 * (3 + 5));
  });

  it("is kept without a limit where there is none, as in what was created before there were any", async () => {
    const { given, ada } = await overWith({ retentionDays: 0 });
    const { world, id } = given;
    await given.coordinator.close();
    const record = await world.store.get(id);
    const { retentionDays: _, ...config } = record.config;
    const store = { ...world.store, get: async () => ({ ...record, config: config as never }) };
    const restarted = openCoordinator({ ...world, store });
    world.clock.advance(5000 * dayMs);
    await restarted.recover();
    expect((await restarted.view(id)).retention).toEqual({});
    expect(foundIn(await everything(given), ada.words())).toEqual(ada.words());
    const { consent } = await restarted.vacancies(id);
    expect(consent.terms.at(-1)?.said).toMatch(/until whoever runs the study deletes it/);
  });

  it("goes from what has stood still for so long, and not from what runs", async () => {
    const given = await study({ retentionDays: 1 });
    const { world, coordinator, id } = given;
    const ada = await participant(given, "Ada", (round) => (round === 1 ? 3 : null));
    await participant(given, "Grace", () => 5);
    await coordinator.start(id);
    await reached(given, 2, "collecting");
    await coordinator.recover();
    expect((await coordinator.view(id)).retention).toEqual({});
    await coordinator.pause(id);
    world.clock.advance(dayMs + hourMs);
    await until(world, async () => (await coordinator.view(id)).retention.erasedAt !== undefined);
    expect(ada.told).toEqual([expect.stringContaining("erased")]);
    await settled(world);
    expect(foundIn(await everything(given), ada.words())).toEqual([]);
  });

  it("is what people agree to: another time is another consent", async () => {
    const { coordinator } = await study();
    const hashOf = async (retentionDays: number) => {
      const { id } = await coordinator.create(experiment({ retentionDays }));
      return (await coordinator.vacancies(id)).consent.hash;
    };
    expect(new Set([await hashOf(0), await hashOf(1), await hashOf(30)]).size).toBe(3);
  });
});

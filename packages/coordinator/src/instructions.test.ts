import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import { expect, it } from "vitest";
import { begin, counterServer, createWorld, until } from "./testing/world";

async function asked(instruct: ServerHalf["instruct"]) {
  let calls = 0;
  const server: ServerHalf = {
    ...counterServer,
    instruct(...given) {
      calls++;
      return instruct(...given);
    },
  };
  const world = createWorld({ server });
  const five = Array.from({ length: 5 }, () => () => "silence" as const);
  const { coordinator, id } = await begin(world, five, { slots: 5, minClients: 5 });
  await until(world, async () => (await coordinator.view(id)).phase === "collecting");
  const log = await world.store.events(id);
  const published = log.find(({ event }) => event.type === "published")?.event;
  const instructions = Object.values(published?.instructions as Record<string, { hash: string }>);
  return { calls, hashes: instructions.map(({ hash }) => hash) };
}

it("what clients of one kind are asked is made once", async () => {
  const { calls, hashes } = await asked((state, { modality }) => ({
    ...state,
    meta: { ...state.meta, modality },
  }));
  expect(calls).toBe(2);
  expect(new Set(hashes).size).toBe(2);
  expect(hashes).toHaveLength(5);
});

it.each<keyof ClientInfo>(["id", "samples"])(
  "what a strategy asks by a client's %s is made for each",
  async (name) => {
    const { calls, hashes } = await asked((state, client) => ({
      ...state,
      meta: { ...state.meta, own: client[name] },
    }));
    expect(calls).toBe(5);
    expect(new Set(hashes).size).toBe(name === "id" ? 5 : 1);
  },
);

import { setImmediate } from "node:timers/promises";
import type { Change, ExperimentStore } from "@tandem/core/stores";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { expect, it } from "vitest";
import { reduceGroup, type Waiting } from "./commit-group";
import { initialRound } from "./round/round-state";
import { begin, counterServer, createWorld, settled, until, value } from "./testing/world";

/** A store whose commits wait for `release` while `isHeld`, and of which the `failing`th of uploads fails. */
function heldStore() {
  const memory = createMemoryExperiments();
  const gate = { isHeld: false, failing: 0, release: () => {} };
  const types: string[][] = [];
  const store: ExperimentStore = {
    ...memory,
    async commit(id, change: Change) {
      const of = (change.events ?? []).map(({ event }) => String(event.type));
      if (gate.isHeld)
        await new Promise<void>((resolve) => {
          gate.release = resolve;
        });
      if (of.includes("uploaded") && --gate.failing === 0) throw new Error("disk full");
      types.push(of);
      return memory.commit(id, change);
    },
  };
  return { store, gate, types };
}

async function collecting() {
  const { store, gate, types } = heldStore();
  const world = createWorld({ store });
  const five = Array.from({ length: 5 }, () => () => "silence" as const);
  const config = { slots: 5, minClients: 5, rounds: 1 };
  const { coordinator, id, clients, ended } = await begin(world, five, config);
  await until(world, async () => (await coordinator.view(id)).phase === "collecting");
  await settled(world);
  types.length = 0;
  gate.isHeld = true;
  const answers = clients.map(({ upload }, i) => upload(1, value(i + 1)));
  let acknowledged = 0;
  for (const answer of answers) void answer.then(() => acknowledged++);
  for (let i = 0; i < 50; i++) await setImmediate();
  return { world, gate, types, clients, answers, ended, id, acknowledged: () => acknowledged };
}

it("stores at once what has waited, and says so of nothing that is not stored", async () => {
  const { gate, types, answers, ended, acknowledged } = await collecting();
  expect(acknowledged()).toBe(0);
  gate.isHeld = false;
  gate.release();
  expect(await Promise.all(answers)).toEqual(answers.map(() => ({ ok: true, duplicate: false })));
  expect(types.slice(0, 2)).toEqual([["uploaded"], Array(4).fill("uploaded")]);
  await ended();
});

it("fails together what was to be stored together, and loses nothing that is sent again", async () => {
  const { world, gate, clients, answers, ended, id } = await collecting();
  [gate.isHeld, gate.failing] = [false, 2];
  gate.release();
  const replies = await Promise.all(answers);
  expect(replies.map(({ ok }) => ok)).toEqual([true, false, false, false, false]);
  const log = await world.store.events(id);
  expect(log.filter(({ event }) => event.type === "uploaded")).toHaveLength(1);
  const again = await Promise.all(clients.map(({ upload }, i) => upload(1, value(i + 1))));
  expect(again.map((reply) => reply.ok && reply.duplicate)).toEqual([
    true,
    ...Array(4).fill(false),
  ]);
  await ended();
});

const waiting = (event: Waiting["event"], outputs: Waiting["outputs"] = {}): Waiting => ({
  event,
  outputs,
  resolve() {},
  reject() {},
});

it("stores up to what changes the phase, and alone what takes an invitation", () => {
  const config = { rounds: 1, minClients: 2, quorum: 1, deadlineMs: 1, seed: 0 };
  const rules = { ...config, participation: 1, sampling: "random" };
  const runtime = {
    record: { config: rules } as never,
    server: counterServer,
    state: { ...initialRound, status: "running", round: 1 } as const,
  };
  const joined = { type: "joined", client: "a", slot: 0 } as const;
  const all = [
    waiting(joined),
    waiting({ type: "ready", client: "a" }),
    waiting({ type: "ready", client: "b" }),
    waiting({ type: "ready", client: "c" }),
  ];
  const group = reduceGroup(runtime, all, false);
  expect(group).toMatchObject({ taken: 3, state: { phase: "generating" } });
  expect(group.events).toHaveLength(3);
  expect(group.logged).toHaveLength(2);
  const invited = waiting(joined, { invitation: "i" });
  expect(reduceGroup(runtime, [all[0], invited, all[1]], false).taken).toBe(1);
  expect(reduceGroup(runtime, [invited, ...all], false).taken).toBe(1);
  expect(reduceGroup(runtime, all, true)).toMatchObject({ taken: 1 });
  const aborted = waiting(all[1].event, { signal: AbortSignal.abort() });
  expect(reduceGroup(runtime, [all[0], aborted, all[2]], false).taken).toBe(1);
});

import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerHalf } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload-codec";
import { describe, expect, it } from "vitest";
import { reduceDocument } from "../testing/round-events";
import {
  type Answer,
  begin,
  counterServer,
  createWorld,
  settled,
  until,
  value,
} from "../testing/world";
import { initialDocument } from "./round-document";
import type { RoundEvent } from "./round-state";

/** Writes down what it concludes and revises: by client the value and its age. */
const logged = (state: Payload, line: string): Payload => ({
  arrays: {},
  meta: { total: 0, log: [...((state.meta.log ?? []) as readonly string[]), line] },
});
const said = ({ meta }: Payload) => JSON.stringify(Object.entries(meta).sort());
const logger: ServerHalf = {
  ...counterServer,
  prepare: async (state, { round }) => ({
    state: { ...state, meta: { ...state.meta, round } },
    metrics: {},
  }),
  accumulate: (sum, { client, age, payload }) => ({
    arrays: {},
    meta: { ...sum?.meta, [client.id]: [payload.meta.value, age] },
  }),
  conclude: async (state, sum) => ({
    state: logged(state, said(sum)),
    metrics: {},
  }),
  teach: async (state, { round }) => ({
    state: { arrays: {}, meta: { ...state.meta, round } },
    metrics: {},
  }),
  late: {
    rounds: 2,
    revise: (state, past, sum) => ({
      state: logged(state, `again ${past.meta.round}: ${said(sum)}`),
      metrics: {},
    }),
  },
};

/** Places 2, 3 and 4 are silent in round 1; place 1 keeps all later rounds open. */
async function open(server: ServerHalf, rounds: number) {
  const world = createWorld({ server });
  const answer: Answer = (round, slot) =>
    (round === 1 && slot >= 2) || (round > 1 && slot === 1) ? "silence" : value(slot + 1);
  const config = { slots: 5, minClients: 5, quorum: 0.4, rounds };
  const answers = Array.from({ length: 5 }, () => answer);
  const { coordinator, id, clients, ended } = await begin(world, answers, config);
  const view = () => coordinator.view(id);
  const reach = async (round: number) => {
    await until(world, async () => {
      const now = await view();
      return now.round === round && now.phase === "collecting";
    });
    await settled(world);
  };
  await reach(2);
  /** Closes a round, and opens the next. */
  const close = async (round: number) => {
    await clients[1].upload(round, value(2));
    await (round === rounds ? ended() : reach(round + 1));
  };
  const log = async () => {
    const { state } = await world.store.get(id);
    return decodePayload(await world.blobs.get(state.strategyState as never)).meta.log;
  };
  return { world, id, clients, view, close, log };
}
const id = (slot: number) => `p${String(slot).padStart(4, "0")}`;
const line = (...said: readonly (readonly [number, number])[]) =>
  JSON.stringify(said.map(([slot, age]) => [id(slot), [slot + 1, age]]));

describe("a late answer", () => {
  it("is taken into its own round with its age, once, and counted", async () => {
    const { clients, view, close, log } = await open(logger, 3);
    expect(await clients[3].upload(1, value(4))).toEqual({ ok: true, duplicate: false });
    expect(await clients[3].upload(1, value(9))).toEqual({ ok: true, duplicate: true });
    expect(await clients[2].upload(1, value(0))).toMatchObject({ error: { code: "bad-upload" } });
    await close(2);
    expect(await clients[2].upload(1, value(3))).toEqual({ ok: true, duplicate: false });
    await close(3);
    expect(await log()).toEqual([
      line([0, 0], [1, 0]),
      line([0, 0], [1, 0]),
      `again 1: ${line([0, 0], [1, 0], [3, 1])}`,
      line([0, 0], [1, 0], [2, 0], [3, 0]), // places 2 and 3 have shown that they are here
      `again 1: ${line([0, 0], [1, 0], [2, 2], [3, 1])}`,
    ]);
    const { rounds } = await view();
    expect(rounds.map(({ uploads, metrics }) => [uploads, metrics["uploads/late"]])).toEqual([
      [2, undefined],
      [2, 1],
      [4, 1],
    ]);
  });

  it("is refused with the reason when it is older, or of no use to the strategy", async () => {
    const { clients, close } = await open(logger, 5);
    await close(2);
    await close(3);
    expect(await clients[4].upload(1, value(5))).toMatchObject({
      error: { code: "stale", message: expect.stringMatching(/round 1, in round 4: at most 2/) },
    });
    const { late: _, ...strict } = logger;
    const other = await open(strict, 3);
    expect(await other.clients[3].upload(1, value(4))).toMatchObject({
      error: { code: "stale", message: expect.stringMatching(/round 1; round 2 is open/) },
    });
  });

  it("is not given up for the next round by who is still at work on it", async () => {
    const { clients, view, close } = await open(logger, 4);
    const report = { stage: "train", fraction: 0.5 } as const;
    await clients[2].channel.request("progress", { round: 1, ...report });
    await clients[3].channel.request("progress", { round: 2, ...report });
    await close(2);
    const statuses = async () => (await view()).clients.map(({ status }) => status);
    expect(await statuses()).toEqual(["done", "working", "resting", "done", "resting"]);
    await clients[2].upload(1, value(3));
    await close(3);
    expect((await statuses())[2]).toBe("done");
  });

  it("that comes while its round's successor is aggregated waits for the one after", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: ServerHalf = {
      ...logger,
      async conclude(state, sum, env) {
        if (env.round === 2) await held;
        return logger.conclude(state, sum, env);
      },
    };
    const { clients, view, close, log, world } = await open(slow, 3);
    await clients[1].upload(2, value(2));
    await until(world, async () => (await view()).phase === "aggregating");
    expect(await clients[3].upload(1, value(4))).toEqual({ ok: true, duplicate: false });
    release();
    await until(world, async () => (await view()).round === 3);
    await until(world, async () => (await view()).phase === "collecting");
    await settled(world);
    await close(3);
    // In round 3, which is two rounds late.
    expect(await log()).toEqual([
      line([0, 0], [1, 0]),
      line([0, 0], [1, 0]),
      line([0, 0], [1, 0], [3, 0]),
      `again 1: ${line([0, 0], [1, 0], [3, 2])}`,
    ]);
  });

  it("changes no bit by the order in which it arrives, and the log gives the state again", async () => {
    const hashes = new Set<unknown>();
    for (let seed = 0; seed < 6; seed++) {
      const { clients, close, world, id: experiment } = await open(logger, 3);
      const order = createRng(seed).permutation(3);
      for (const i of order) await clients[2 + i].upload(1, value(3 + i));
      await close(2);
      await close(3);
      const { state, config } = await world.store.get(experiment);
      hashes.add(state.strategyState);
      const rules = { ...config, lateRounds: 2 };
      const replayed = (await world.store.events(experiment)).reduce(
        (before, { event }) => reduceDocument(rules, before, event as unknown as RoundEvent).state,
        initialDocument,
      );
      expect(replayed).toEqual(state);
    }
    expect(hashes.size).toBe(1);
  });
});

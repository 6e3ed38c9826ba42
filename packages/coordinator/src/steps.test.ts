import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, ServerHalf } from "@tandem/core/strategy";
import { decodePayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { replay } from "./replay";
import { begin, counterServer, createWorld } from "./testing/world";

/** Runs two rounds of a strategy to their end, and computes them again. */
async function played(server: ServerHalf) {
  const world = createWorld({ server });
  const { store, blobs } = world;
  const config = { rounds: 2, seed: 7 };
  const { id, ended } = await begin(world, [undefined, undefined, undefined], config);
  await ended();
  const record = await store.get(id);
  const last = decodePayload(await blobs.get(record.state.strategyState as never)); // a blob's name
  const again = await replay({ store, blobs, record, server, classes: ["cat", "dog"] });
  return { last, again };
}

/** Writes into the state what each step draws by chance. */
const noted = (state: Payload, { rng }: ServerEnv): Payload => {
  const { draws = [], ...meta } = state.meta;
  return { ...state, meta: { ...meta, draws: [...(draws as number[]), rng.uniform()] } };
};
const drawing: ServerHalf = {
  ...counterServer,
  prepare: async (state, env) => ({ state: noted(state, env), metrics: {} }),
  conclude: async (state, _sum, env) => ({ state: noted(state, env), metrics: {} }),
  teach: async (state, env) => ({ state: noted(state, env), metrics: {} }),
};

it("a step draws from the stream of its seed, round and phase, and a replay from the same", async () => {
  const { last, again } = await played(drawing);
  const streams = [1, 2].flatMap((round) =>
    ["generating", "aggregating", "teaching"].map((phase) => `7/${round}/${phase}`),
  );
  expect(last.meta.draws).toEqual(streams.map((name) => createRng(name).uniform()));
  expect(again).toMatchObject({ steps: 6, differing: [], isSameState: true });
});

it("a strategy that neither prepares nor teaches has its state pass through both", async () => {
  const { teach: _, ...bare } = counterServer;
  const { last, again } = await played(bare);
  // Two rounds of 1 + 2 + 3.
  expect(last.meta).toEqual({ total: 12 });
  expect(again).toMatchObject({ steps: 6, differing: [], isSameState: true });
});

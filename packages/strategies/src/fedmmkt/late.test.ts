import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, f64, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { rowsOf } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { wholeState } from "../testing/whole-state";
import { readBeliefs } from "./beliefs";

const server = (config: JsonObject = {}) =>
  strategyNamed("fedmmkt").server({ critics: "none", evidence: "clients", ...config });

/** One picture of the first of two classes. */
const stateOf = (set: number): Payload =>
  wholeState({
    arrays: {
      images: u8([1, 1, 1, 3], [set, 0, 0]),
      "g/image": f32([1, 2], [1, 0]),
      "g/text": f32([1, 2], [1, 0]),
    },
    meta: { set, classes: 2, prompts: ["a"], captions: ["a"], labels: [0] },
  });
const updateOf = (id: string, p: readonly [number, number], age: number): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples: 100 },
  age,
  payload: {
    arrays: {
      "p/image": f32([1, 2], [...p]),
      "z/image": f32([1, 2], [1, 0]),
    },
    meta: { set: 1 },
  },
});
const sumOf = (updates: readonly Update[]): Payload =>
  updates.reduce<Payload | undefined>(
    (sum, update) => server().accumulate(sum, update),
    undefined,
  ) as Payload; // there are updates

/** The state of round 2 with set 1 in its archive, and how round 1 has ended. */
async function rounds() {
  const inTime = updateOf("a", [1, 0], 0);
  const end = (await server().conclude(stateOf(1), sumOf([inTime]), {} as ServerEnv)).state;
  const known = Object.entries(end.arrays).filter(([name]) => name.startsWith("knowledge/"));
  const past = known.map(([name, array]) => [name.replace("knowledge", "past/1"), array] as const);
  const state: Payload = {
    ...stateOf(2),
    arrays: {
      ...stateOf(2).arrays,
      ...Object.fromEntries(past),
      "reliability/a/image": f64([2], [0.5, 0.5]),
    },
    meta: { ...stateOf(2).meta, past: [{ set: 1, captions: ["a"], labels: [0] }], last: 1 },
  };
  return { inTime, end, state };
}

it("a late answer counts e^{-age/2} in its set's knowledge, whatever the order of arrival", async () => {
  const { inTime, end, state } = await rounds();
  const late = server().late;
  expect(late?.rounds).toBe(3);
  for (const age of [1, 2]) {
    const updates = [inTime, updateOf("b", [0, 1], age)];
    const [one, other] = [updates, [...updates].reverse()].map(
      (order) => late?.revise(state, end, sumOf(order)).state,
    );
    expect(other).toEqual(one);
    const [target] = rowsOf(one?.arrays ?? {}, "past/1/target");
    // Both are sure and as large: 1 and e^{-age/2} of the weight, squared by the sharpening.
    expect(target[1]).toBeCloseTo(Math.exp(-age) / (1 + Math.exp(-age)), 6);
    expect(one?.meta.past).toEqual([{ set: 1, captions: ["a"], labels: [0], revisedIn: 2 }]);
  }
});

it("of what is believed of clients only that of the late ones changes", async () => {
  const { inTime, end, state } = await rounds();
  const revise = server().late?.revise;
  const next = revise?.(state, end, sumOf([inTime, updateOf("b", [0.9, 0.1], 1)]));
  const { arrays, meta } = next?.state ?? emptyPayload;
  const { image } = readBeliefs({ arrays, meta });
  expect([...Array.from(image.get("a") ?? [])]).toEqual([0.5, 0.5]);
  // The other sees class 0 as it does: 0.8 · 0.5 + 0.2 · 2 / 3.
  expect(image.get("b")?.[0]).toBeCloseTo(0.4 + 0.4 / 3, 6);
  for (const name of ["images", "g/image", "g/text"]) expect(arrays[name]).toBe(state.arrays[name]);
});

it("is of no use where no set is kept to take it in", () => {
  expect(server({ catchUp: false }).late).toBeUndefined();
});

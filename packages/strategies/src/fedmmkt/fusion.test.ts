import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { rowsOf } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { wholeState } from "../testing/whole-state";

const server = (critics: string) => strategyNamed("fedmmkt").server({ critics });
/** Four pictures, three of the first class. */
const labels = [0, 0, 0, 1];
const captions = labels.map(String);
const state = (set = 1): Payload =>
  wholeState({
    arrays: {
      "g/image": f32([4, 2], [1, 0, 1, 0, 1, 0, 1, 0]),
      "g/text": f32([4, 2], [1, 0, 1, 0, 1, 0, 1, 0]),
      "g/seen": f32([4, 2], Array(8).fill(0.5)),
    },
    meta: { set, classes: 2, prompts: captions, captions, labels },
  });

type Say = {
  readonly ratios: readonly number[];
  readonly held?: readonly number[];
  readonly p?: readonly number[];
  readonly age?: number;
  readonly critic?: boolean;
};
const asPrompted = [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.1, 0.9];
const said = (
  id: string,
  { ratios, held = [1, 0], p = asPrompted, age = 0, critic = true }: Say,
): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples: 9 },
  age,
  payload: {
    arrays: {
      "p/image": f32([4, 2], [...p]),
      "z/image": f32([4, 2], [1, 0, 1, 0, 1, 0, 1, 0]),
      ...(critic && { "critic/ratio": f32([4], [...ratios]), "critic/held": u8([2], [...held]) }),
    },
    meta: { set: 1 },
  },
});
const sumOf = (updates: readonly Update[]) =>
  updates.reduce<Payload | undefined>(
    (sum, update) => server("none").accumulate(sum, update),
    undefined,
  ) as Payload; // there are updates
const conclude = (critics: string, updates: readonly Update[]) =>
  server(critics).conclude(state(), sumOf(updates), {} as ServerEnv);
const of = ({ state: { arrays } }: { readonly state: Payload }, name: string) => [
  ...arrays[name].data,
];

it("clients are taught less of pictures that are unlike their own, and all of those of which nobody speaks", async () => {
  const ratios = [2, 2, -4, 4];
  const [usual, step] = [
    await conclude("none", [said("a", { ratios, critic: false })]),
    await conclude("clients", [said("a", { ratios })]),
  ];
  const importances = of(step, "importances");
  expect(importances[0]).toBeCloseTo(1.498, 3);
  expect(importances[2]).toBeLessThan(0.01);
  expect(importances[3]).toBe(0);
  const [all, less] = [of(usual, "knowledge/confidence"), of(step, "knowledge/confidence")];
  expect(less[0]).toBeGreaterThan(0.6);
  expect(less[2]).toBeLessThan(0.01 * all[2]);
  expect(less[3]).toBeCloseTo(all[3], 1);
  expect(of(usual, "knowledge/accepted")).toEqual([1, 1, 1, 1]);
  expect(of(step, "knowledge/accepted")).toEqual([1, 1, 0, 1]);
});

it("the metrics tell how many pictures clients are taught by their prompts", async () => {
  const { metrics } = await conclude("clients", [said("a", { ratios: [2, 2, -4, -4] })]);
  expect(metrics["consensus/accepted"]).toBe(0.75);
  expect(metrics["critics/support"]).toBe(1);
  expect(metrics).not.toHaveProperty("critics/agreement"); // there is no other
});

it("whose critic calls a picture strange does not outvote the prompt", async () => {
  const wrong = [0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.1, 0.9];
  const seen = async (ratios: readonly number[]) => {
    const liars = ["a", "b", "c"].map((id) => said(id, { ratios, p: wrong }));
    const step = await conclude("clients", liars);
    return rowsOf(step.state.arrays, "knowledge/target")[2][0];
  };
  expect(await seen([0, 0, 0, 0])).toBeLessThan(0.5);
  expect(await seen([2, 2, -4, 0])).toBeGreaterThan(0.5);
});

it("late critics are heard as late answers are, whatever the order of arrival", async () => {
  const inTime = said("a", { ratios: [4, 0, -4, 0] });
  const late = said("b", { ratios: [-4, 0, 4, 0], age: 1 });
  const { state: end } = await conclude("clients", [inTime]);
  const known = Object.entries(end.arrays).filter(([name]) => name.startsWith("knowledge/"));
  const now: Payload = {
    ...state(2),
    arrays: {
      ...state(2).arrays,
      ...Object.fromEntries(
        known.map(([name, array]) => [name.replace("knowledge", "past/1"), array]),
      ),
    },
    meta: { ...state(2).meta, past: [{ set: 1, captions, labels }], last: 1 },
  };
  const revise = server("clients").late?.revise;
  const [one, other] = [
    [inTime, late],
    [late, inTime],
  ].map((order) => revise?.(now, end, sumOf(order)).state);
  expect(other).toEqual(one);
  const before = now.arrays["past/1/accepted"].data;
  expect([[...before], [...(one?.arrays["past/1/accepted"].data ?? [])]]).toEqual([
    [1, 0, 0, 1],
    [1, 0, 1, 1],
  ]);
});

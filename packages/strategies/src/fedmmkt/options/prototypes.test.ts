import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv } from "@tandem/core/strategy";
import { type Arrays, f32, f64, u8 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../aggregation/rows";
import { strategyNamed } from "../../registry";
import { poolPrototypes, privatePrototypes } from "./prototypes";

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

it("the unit mean of five pictures or more, and nothing of a class of fewer", () => {
  // Class 0: three of (1, 0) and two of (0, 1): (3, 2) / √13. Of class 1 four.
  const z = [...Array(3).fill([1, 0]), ...Array(2).fill([0, 1]), ...Array(4).fill([1, 0])];
  const labels = Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1);
  const arrays = privatePrototypes(f32([9, 2], z.flat()), labels, 3);
  expect([...arrays["count/image"].data]).toEqual([5, 0, 0]);
  const [held, ...others] = rowsOf(arrays, "proto/image");
  expect([...Array.from(held)]).toEqual(close([3 / Math.sqrt(13), 2 / Math.sqrt(13)]));
  expect(others.map((row) => [...Array.from(row)])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it("nothing of a client without a picture", () => {
  const arrays = privatePrototypes(f32([0, 2], []), new Int32Array(0), 1);
  expect([...arrays["count/image"].data, ...arrays["proto/image"].data]).toEqual([0, 0, 0]);
});

it("pictures that point in all directions have none: their mean has no direction", () => {
  const z = [1, 0, -1, 0, 1, 0, -1, 0, 0, 1, 0, -1];
  const arrays = privatePrototypes(f32([6, 2], z), new Int32Array(6), 1);
  expect([...arrays["count/image"].data]).toEqual([0]);
});

describe("pooled", () => {
  const [x, y] = [
    [1, 0],
    [0, 1],
  ];
  const none = [0, 0];
  const pool = (sent: Parameters<typeof poolPrototypes>[0], robust: "weighted" | "mean") =>
    poolPrototypes(
      sent,
      { classes: 2, width: 2 },
      { robust, trimShare: 0.2, scoreBound: 1000 },
    ).map((row) => [...Array.from(row)]);
  const sent = [
    { rows: [x, none], counts: [30, 0], trust: 1 },
    { rows: [y, none], counts: [10, 0], trust: 1 },
  ];

  it("by how many pictures they are of: (30, 10) / √1000", () => {
    expect(pool(sent, "weighted")[0]).toEqual(close([30 / Math.sqrt(1000), 10 / Math.sqrt(1000)]));
  });

  it("alike by any other rule, and zero for a class that nobody holds", () => {
    expect(pool(sent, "mean")[0]).toEqual(close([Math.SQRT1_2, Math.SQRT1_2]));
    expect(pool(sent, "mean")[1]).toEqual(none);
  });

  it("by reputation: 30 · 0.1 and 10 · 0.9, that is (1, 3) / √10", () => {
    const known = sent.map((own, k) => ({ ...own, trust: [0.1, 0.9][k] }));
    expect(pool(known, "weighted")[0]).toEqual(close([1 / Math.sqrt(10), 3 / Math.sqrt(10)]));
  });
});

/** Two pictures of class 0, one described as (1, 0) and one as (0.6, 0.8), and one of class 1. */
const state: Payload = {
  arrays: {
    images: u8([3, 1, 1, 3], new Uint8Array(9)),
    "g/image": f32([3, 2], [1, 0, 1, 0, 1, 0]),
    "g/text": f32([3, 2], [0, 1, 0, 1, 0, 1]),
    "g/seen": f32([3, 2], Array(6).fill(0.5)),
  },
  meta: {
    set: 1,
    classes: 2,
    prompts: ["a", "b", "c"],
    captions: ["a", "b", "c"],
    labels: [0, 0, 1],
  },
};
const client = {
  id: clientId("__proto__"),
  modality: "image",
  architecture: "any",
  samples: 20,
} as const;
const answers: Arrays = {
  "p/image": f32([3, 2], [0.9, 0.1, 0.9, 0.1, 0.1, 0.9]),
  "z/image": f32([3, 2], [1, 0, 0.6, 0.8, 1, 0]),
  "mask/image": u8([3], [1, 1, 1]),
};
const upload = (more: Arrays = {}): Payload => ({
  arrays: {
    ...answers,
    "proto/image": f32([2, 2], [0.6, 0.8, 0, 0]),
    "count/image": f32([2], [7, 0]),
    ...more,
  },
  meta: { set: 1 },
});
const serverOf = (config: JsonObject = {}) =>
  strategyNamed("fedmmkt").server({
    critics: "none",
    prototypes: true,
    studentWeight: 0,
    ...config,
  });

describe("the server's check", () => {
  const check = (more: Arrays) => () => serverOf().check(state, client, upload(more));
  const counts = (...values: readonly number[]) => ({ "count/image": f32([2], values) });

  it("takes unit rows with their counts, and none at all", () => {
    expect(check({})).not.toThrow();
    expect(check({ "proto/image": f32([2, 2], [0, 0, 0, 0]), ...counts(0, 0) })).not.toThrow();
  });

  it.each<[string, Arrays, RegExp]>([
    ["four samples", counts(4, 0), /count\/image holds 4, not 0 or a whole number from 5/],
    ["half a sample", counts(7.5, 0), /holds 7\.5/],
    ["less than none", counts(-7, 0), /holds -7/],
    ["no number", counts(Number.NaN, 0), /holds NaN/],
    ["without end", counts(Infinity, 0), /holds Infinity/],
    ["more than it has", counts(21, 0), /adds to 21 of the client's 20/],
    ["a row of none", counts(0, 0), /row 0 of proto\/image has norm 1.000, not 0/],
    ["none of a row", counts(7, 6), /row 1 of proto\/image has norm 0.000, not 1/],
    ["a long row", { "proto/image": f32([2, 2], [6, 8, 0, 0]) }, /norm 10.000, not 1/],
    ["NaN in a row", { "proto/image": f32([2, 2], [Number.NaN, 0, 0, 0]) }, /norm NaN, not 1/],
    ["another width", { "proto/image": f32([2, 1], [1, 0]) }, /\[2,1\], not f32 \[2,2\]/],
    ["other classes", { "count/image": f32([1], [7]) }, /\[1\], not f32 \[2\]/],
    ["bytes", { "count/image": u8([2], [7, 0]) }, /u8 \[2\], not f32/],
  ])("refuses %s", (_, more, message) => {
    expect(check(more)).toThrow(message);
  });

  it("refuses them where they are not asked for, and their lack where they are", () => {
    const off = serverOf({ prototypes: false });
    expect(() => off.check(state, client, upload())).toThrow(/arrays must be/);
    const bare = { arrays: answers, meta: { set: 1 } };
    expect(() => off.check(state, client, bare)).not.toThrow();
    expect(() => serverOf().check(state, client, bare)).toThrow(/arrays must be/);
  });
});

describe("the reward", () => {
  const rewards = async (config: JsonObject, more: Arrays = {}) => {
    const server = serverOf(config);
    const payload = config.prototypes === false ? { arrays: answers, meta: {} } : upload();
    const sum = server.accumulate(undefined, { client, age: 0, payload });
    const from = { ...state, arrays: { ...state.arrays, ...more } };
    const { state: after, metrics } = await server.conclude(from, sum, {} as ServerEnv);
    return { rewards: after.meta.rewards as readonly number[], metrics, after: after.arrays };
  };

  it("gains half the likeness to the prototype of the class; 0 where the class has none", async () => {
    const [on, off] = [await rewards({}), await rewards({ prototypes: false })];
    // μ̄_0 = (0.6, 0.8): of (1, 0) half of 0.6, of (0.6, 0.8) half of 1.
    const gains = on.rewards.map((reward, i) => reward - off.rewards[i]);
    expect(gains).toEqual(close([0.3, 0.5, 0]));
    expect([...on.after["prototypes/image"].data]).toEqual(close([0.6, 0.8, 0, 0]));
    expect(on.metrics["prototypes/classes"]).toBe(1);
    expect(on.metrics["prototypes/match"]).toBeCloseTo(1.6 / 3, 6);
    expect(Object.keys(off.metrics).filter((name) => name.startsWith("prototypes"))).toEqual([]);
  });

  it("is the student's own where it judges alone", async () => {
    const self = {
      "self/probabilities": f32([3, 2], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
      "self/image": f32([3, 2], [0.6, 0.8, 0.6, 0.8, 0.6, 0.8]),
      "self/text": f32([3, 2], [1, 0, 1, 0, 1, 0]),
      "reputation/x": f64([1], [0.5]),
    };
    const { rewards: own } = await rewards({ selection: "student" }, self);
    expect(own).toEqual(close(Array(3).fill(Math.log(0.5) + 0.3)));
  });
});

import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { readBeliefs } from "./beliefs";

const server = strategyNamed("fedmmkt").server({ critics: "none" });
const client = {
  id: clientId("__proto__"),
  modality: "image",
  architecture: "any",
  samples: 4,
} as const;

/** Three classes, of which the set happens to show two. */
const state: Payload = {
  arrays: {
    images: u8([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]),
    "g/image": f32([2, 2], [1, 0, 0, 1]),
    "g/text": f32([2, 2], [1, 0, 0, 1]),
    "g/seen": f32([2, 3], Array(6).fill(1 / 3)),
  },
  meta: { set: 5, classes: 3, prompts: ["a", "b"], captions: ["a", "b"], labels: [0, 1] },
};
const upload = (rows: readonly (readonly number[])[]): Payload => ({
  arrays: {
    "p/image": f32([2, rows[0].length], rows.flat()),
    "z/image": f32([2, 2], [0, 1, 1, 0]),
  },
  meta: { set: 5 },
});

it("as many classes as the experiment has, whatever the set shows", () => {
  const check = (rows: readonly (readonly number[])[]) => () =>
    expectUpload(server, state, client, upload(rows));
  expect(
    check([
      [0.5, 0.25, 0.25],
      [0, 1, 0],
    ]),
  ).not.toThrow();
  expect(
    check([
      [0.5, 0.5],
      [0, 1],
    ]),
  ).toThrow(/\[2,2\], not f32 \[2,3\]/);
  expect(
    check([
      [0.5, 0.5, 0, 0],
      [0, 1, 0, 0],
    ]),
  ).toThrow(/\[2,4\]/);
});

it("an upload must be about the set that is open", () => {
  const late = {
    ...upload([
      [1, 0, 0],
      [0, 1, 0],
    ]),
    meta: { set: 4 },
  };
  expect(() => expectUpload(server, state, client, late)).toThrow(/set is 4, not 5/);
});

it("a client's reliability follows how often it agrees with the others", async () => {
  const other = { ...client, id: clientId("constructor") };
  // Of sample 0 they agree on class 0; of sample 1 the first sees class 2 and the second class 1.
  const sum = server.merge(
    server.accumulate(undefined, {
      client,
      age: 0,
      payload: upload([
        [1, 0, 0],
        [0, 0, 1],
      ]),
    }),
    server.accumulate(undefined, {
      client: other,
      age: 0,
      payload: upload([
        [1, 0, 0],
        [0, 1, 0],
      ]),
    }),
  );
  const after = readBeliefs((await server.conclude(state, sum, {} as ServerEnv)).state).image;
  // Seen by the other as prompted: H_0 = {0}, H_1 = {1}, H_2 = {}; hits 1, 0, 0.
  // 0.8·0.5 + 0.2·(1 + 1)/(2 + 1) = 0.5333; 0.4 + 0.2·1/3 = 0.4667; 0.4 + 0.2·1/2 = 0.5
  const first = after.get("__proto__");
  // Seen by the first: H_0 = {0}, and sample 1 is not seen as prompted.
  const second = after.get("constructor");
  [0.5333333, 0.4666667, 0.5].forEach((value, c) => {
    expect(first?.[c]).toBeCloseTo(value, 6);
  });
  [0.5333333, 0.5, 0.5].forEach((value, c) => {
    expect(second?.[c]).toBeCloseTo(value, 6);
  });
});

it("captions alone pass no verdict on pictures; who sees them does", async () => {
  const said = (modality: "image" | "text") => {
    const { "p/image": p, "z/image": z } = upload([
      [1, 0, 0],
      [0, 1, 0],
    ]).arrays;
    return {
      client: { ...client, modality },
      age: 0,
      payload: {
        arrays: { [`p/${modality}`]: p, [`z/${modality}`]: z },
        meta: { set: 5 },
      },
    };
  };
  const conclude = (modality: "image" | "text") =>
    server.conclude(state, server.accumulate(undefined, said(modality)), {} as ServerEnv);
  const [blind, seeing] = [await conclude("text"), await conclude("image")];
  expect(blind.metrics["consensus/agreement"]).toBe(1);
  expect(Object.keys(blind.state.arrays).filter((name) => name.startsWith("verdict/"))).toEqual([]);
  expect(seeing.metrics["pictures/agreement"]).toBe(1);
  expect([...seeing.state.arrays["verdict/accepted"].data]).toEqual([1, 1]);
});

it("a critic's answers are finite, within ±4 and of all pictures, and only who sees pictures has one", () => {
  const critics = strategyNamed("fedmmkt").server({});
  const { arrays, meta } = upload([
    [0.5, 0.25, 0.25],
    [0, 1, 0],
  ]);
  const of = (ratio: readonly number[], held: readonly number[]): Payload => ({
    arrays: {
      ...arrays,
      "critic/ratio": f32([ratio.length], ratio),
      "critic/held": u8([held.length], held),
    },
    meta,
  });
  const check = (ratio: readonly number[], held: readonly number[]) => () =>
    expectUpload(critics, state, client, of(ratio, held));
  expect(check([4, -4], [1, 0, 1])).not.toThrow();
  for (const wrong of [4.01, -5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(check([0, wrong], [1, 0, 1])).toThrow(/"critic\/ratio" must be within ±4/);
  expect(check([0], [1, 0, 1])).toThrow(/\[1\], not f32 \[2\]/);
  expect(check([0, 0], [1, 0])).toThrow(/\[2\], not u8 \[3\]/);
  expect(check([0, 0], [1, 2, 0])).toThrow(/critic\/held must be zeros and ones/);
  expect(() => expectUpload(critics, state, client, { arrays, meta })).toThrow(/critic\/held/);
  expect(() => expectUpload(server, state, client, of([0, 0], [0, 0, 0]))).toThrow(/critic\/held/);
});

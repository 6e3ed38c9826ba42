import type { ClientModality } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { describe, expect, it } from "vitest";
import { classMeanServer } from "./class-mean-server";
import { classMeans, sharedClassMeans, sharedClassShares } from "./class-means";

const server = classMeanServer({ limit: 10, width: () => undefined });
const env = { classes: ["a", "b", "c"] } as unknown as ServerEnv; // nothing else is looked at

const update = (
  id: string,
  rows: readonly (readonly number[])[],
  held: readonly number[],
  modality: ClientModality = "image",
): Update => ({
  client: { id: clientId(id), modality, architecture: "any", samples: 1 },
  age: 0,
  payload: {
    arrays: {
      [`mean/${modality}`]: f32([3, rows[0].length], rows.flat()),
      [`held/${modality}`]: u8([3], held),
    },
    meta: {},
  },
});

async function conclude(updates: readonly Update[], state?: Payload): Promise<Payload> {
  const before = state ?? (await server.init(env));
  for (const { client, payload } of updates) expectUpload(server, before, client, payload);
  const sum = updates.reduce<Payload | undefined>((a, one) => server.accumulate(a, one), undefined);
  return (await server.conclude(before, sum ?? before, env)).state;
}

const one = update(
  "a",
  [
    [1, 2],
    [4, 4],
    [0, 0],
  ],
  [1, 1, 0],
);
const two = update(
  "b",
  [
    [3, -2],
    [0, 0],
    [0, 0],
  ],
  [1, 0, 0],
);

it("a client's means are over its samples of each class, and zero where it has none", () => {
  const rows = f32([3, 2], [1, 2, 5, 6, 3, -4]);
  const arrays = classMeans({ text: rows }, [2, 0, 2], 3);
  // class 0: row 1; class 2: ((1, 2) + (3, -4)) / 2
  expect(arrays["mean/text"]).toEqual(f32([3, 2], [5, 6, 0, 0, 2, -1]));
  expect(arrays["held/text"]).toEqual(u8([3], [1, 0, 1]));
});

it("a mean leaves a tab from five samples of its class on", () => {
  const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
  const rows = f32([10, 1], [8, 8, 8, 8, 1, 2, 3, 4, 5, 100]);
  const present = { text: Uint8Array.from({ length: 10 }, (_, row) => Number(row < 9)) };
  const shared = sharedClassMeans({ text: rows }, { labels, present }, 2);
  expect(shared["mean/text"]).toEqual(f32([2, 1], [0, 3]));
  expect(shared["held/text"]).toEqual(u8([2], [0, 1]));
});

it.each([
  ["of five samples on", [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], [0, 5 / 11, 6 / 11]],
  ["and nothing where there are fewer of all", [0, 0, 0, 0, 2], [1 / 3, 1 / 3, 1 / 3]],
])("shares of classes tell %s", (_, labels, shares) => {
  expect(sharedClassShares(labels, 3)).toEqual(f32([3], shares));
});

describe("the server's means", () => {
  it("count each client that holds the class once, whatever its samples", async () => {
    const state = await conclude([one, two]);
    // ((1, 2) + (3, -2)) / 2; class 1 is the first client's alone; nobody holds class 2
    expect(state.arrays["mean/image"]).toEqual(f32([3, 2], [2, 0, 4, 4, 0, 0]));
    expect(state.arrays["held/image"]).toEqual(u8([3], [1, 1, 0]));
  });

  it("stay where nobody answers for the class, and mix no modalities", async () => {
    const text = update("c", [[9], [9], [9]], [1, 1, 1], "text");
    const state = await conclude([two, text], await conclude([one]));
    expect(state.arrays["mean/image"]).toEqual(f32([3, 2], [3, -2, 4, 4, 0, 0]));
    expect(server.instruct(state, text.client).arrays).toEqual({
      "mean/text": f32([3, 1], [9, 9, 9]),
      "held/text": u8([3], [1, 1, 1]),
    });
  });

  it("of two widths in the first round what most clients send wins, and stays", async () => {
    const stray = update("z", [[1], [1], [1]], [1, 1, 1]);
    for (const updates of [
      [one, two, stray],
      [stray, two, one],
    ]) {
      const state = await conclude(updates);
      expect(state.arrays["mean/image"].shape).toEqual([3, 2]);
      expect(() => expectUpload(server, state, stray.client, stray.payload)).toThrow(
        /\[3,1\], not f32/,
      );
    }
  });
});

it("a class that is not held says nothing, and no value is larger than the limit", async () => {
  const state = await server.init(env);
  const check = (row: readonly number[], held: number) => () => {
    const { client, payload } = update("a", [row, [0, 0], [0, 0]], [held, 0, 0]);
    expectUpload(server, state, client, payload);
  };
  expect(check([10, -10], 1)).not.toThrow();
  expect(check([10.1, 0], 1)).toThrow(/row 0 of mean\/image must be within ±10/);
  expect(check([0.1, 0], 0)).toThrow(/must be zero/);
});

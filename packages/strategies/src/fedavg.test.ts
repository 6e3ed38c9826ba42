import type { ClientModality } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { describe, expect, it } from "vitest";
import { fedavg } from "./fedavg";
import { strategyNamed } from "./registry";

const server = strategyNamed("fedavg").server({});
const env = {} as ServerEnv; // this server half looks at nothing of it

const update = (
  id: string,
  samples: number,
  arrays: Arrays,
  modality: ClientModality = "image",
): Update => ({
  client: { id: clientId(id), modality, architecture: "any", samples },
  age: 0,
  payload: { arrays, meta: {} },
});

async function conclude(updates: readonly Update[], state: Payload = emptyPayload) {
  const sum = updates.reduce<Payload | undefined>(
    (accumulator, one) => server.accumulate(accumulator, one),
    undefined,
  );
  return (await server.conclude(state, sum ?? emptyPayload, env)).state;
}

const one = update("a", 1, { w: f32([2], [1, 2]) });
const three = update("b", 3, { w: f32([2], [5, -2]) });
const text = update("c", 7, { w: f32([2], [9, 9]) }, "text");

describe("the mean of weights", () => {
  it("counts each client by its samples", async () => {
    const state = await conclude([one, three]);
    // (1·1 + 3·5) / 4 = 4 and (1·2 + 3·(-2)) / 4 = -1
    expect(server.instruct(state, one.client).arrays.w.data).toEqual(Float32Array.of(4, -1));
  });

  it("is exact to the resolution of its fixed point, 2^-17", async () => {
    const state = await conclude([
      update("a", 2, { w: f32([1], [0.1]) }),
      update("b", 1, { w: f32([1], [-0.7]) }),
    ]);
    // (2·0.1 - 0.7) / 3 = -1/6
    const [mean] = server.instruct(state, one.client).arrays.w.data;
    expect(Math.abs(mean + 1 / 6)).toBeLessThan(2 ** -17);
  });

  it("mixes no modalities, and keeps a model that nobody has answered for", async () => {
    const first = await conclude([one, text]);
    expect(server.instruct(first, text.client).arrays.w.data).toEqual(Float32Array.of(9, 9));
    const second = await conclude([three], first);
    expect(server.instruct(second, text.client).arrays.w.data).toEqual(Float32Array.of(9, 9));
    expect(server.instruct(second, one.client).arrays.w.data).toEqual(Float32Array.of(5, -2));
  });

  it("takes a claim of samples for a whole number between 1 and 100,000", async () => {
    const state = await conclude([
      update("a", 0, { w: f32([1], [0]) }),
      update("b", 1e12, { w: f32([1], [1]) }),
    ]);
    const [mean] = server.instruct(state, one.client).arrays.w.data;
    expect(mean).toBeCloseTo(1e5 / (1e5 + 1), 7);
  });
});

describe("models that differ in the first round", () => {
  const stray = update("z", 1e9, { w: f32([3], [7, 7, 7]) });

  it("what most clients hold wins over the one that claims most samples", async () => {
    for (const updates of [
      [one, three, stray],
      [stray, three, one],
    ]) {
      const state = await conclude(updates);
      expect(server.instruct(state, one.client).arrays.w.shape).toEqual([2]);
    }
  });

  it("of two as common as each other the same wins in any order", async () => {
    const other = update("z", 1, { w: f32([3], [7, 7, 7]) });
    expect(await conclude([one, other])).toEqual(await conclude([other, one]));
  });

  it("a name cannot pass for a part of another model", () => {
    for (const name of ["w[2]:b", "w b", "image:w", ""])
      expect(() =>
        expectUpload(server, emptyPayload, one.client, {
          arrays: { [name]: f32([1], [0]) },
          meta: {},
        }),
      ).toThrow(/cannot be a weight/);
  });

  it("the model is known from then on", async () => {
    const state = await conclude([one, three]);
    expect(() => expectUpload(server, state, one.client, one.payload)).not.toThrow();
    expect(() => expectUpload(server, state, one.client, stray.payload)).toThrow(
      /\[3\], not f32 \[2\]/,
    );
  });
});

it("asks of all clients of a modality to hold one architecture", () => {
  expect(fedavg.needs.equalArchitectures).toBe(true);
});

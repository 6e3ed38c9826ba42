import { createTestModel, fitOnce } from "@tandem/client/testing/fit-once";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload } from "@tandem/core/payload";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, describe, expect, it } from "vitest";
import { strategyNamed } from "./registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

/** The weights that one first round ends with. */
async function fit(name: string, config: JsonObject, arrays: Arrays = {}): Promise<Arrays> {
  const strategy = strategyNamed(name).client(config);
  const { context } = await fitOnce({ strategy, instruction: { arrays, meta: {} } });
  return context.weights ?? {};
}

async function initial(): Promise<Arrays> {
  const model = createTestModel();
  const weights = await model.weights();
  model.dispose();
  return weights;
}

const alone = { warmUpEpochs: 0, batchSize: 6, learningRate: 0.01, logitAdjustment: false };

describe("training alone", () => {
  it("one batch is one step of Adam: no weight moves further than the learning rate", async () => {
    const before = await initial();
    const after = await fit("local", { ...alone, localEpochs: 1 });
    const moves = Object.entries(before).map(([name, { data }]) =>
      Float64Array.from(data, (value, i) => Math.abs(after[name].data[i] - value)),
    );
    // m̂ / √v̂ = g / |g| in the first step: the rate itself wherever the gradient is not next to 0.
    const largest = Math.max(...moves.map((move) => Math.max(...move)));
    expect(largest).toBeGreaterThan(0.0099);
    expect(largest).toBeLessThan(0.01 + 1e-6);
    // The task has no gradient for the projector.
    expect(after["image.projector.weight"]).toEqual(before["image.projector.weight"]);
  });

  it("no epochs change nothing; warm-up epochs are further ones", async () => {
    expect(await fit("local", { ...alone, localEpochs: 0 })).toEqual(await initial());
    expect(await fit("local", { ...alone, localEpochs: 1, warmUpEpochs: 2 })).toEqual(
      await fit("local", { ...alone, localEpochs: 3 }),
    );
  });

  it("is what centralised clients do, whose samples are everybody's", async () => {
    const config = { ...alone, localEpochs: 2 };
    expect(await fit("centralised", config)).toEqual(await fit("local", config));
  });

  it("is what FedAvg does from the mean that it is sent", async () => {
    const config = { ...alone, localEpochs: 2 };
    expect(await fit("fedavg", config)).toEqual(await fit("local", config));
    const mean = Object.fromEntries(
      Object.entries(await initial()).map(([name, { shape, data }]) => [
        name,
        f32(
          shape,
          Float32Array.from(data, (value) => value / 2),
        ),
      ]),
    );
    expect(await fit("fedavg", { ...config, localEpochs: 0 }, mean)).toEqual(mean);
  });
});

it("the server keeps nothing and takes nothing", async () => {
  const server = strategyNamed("local").server({});
  const client = {
    id: clientId("c"),
    modality: "image",
    architecture: "any",
    samples: 1,
  } as const;
  expect(server.accumulate(undefined, { client, age: 0, payload: emptyPayload })).toEqual(
    emptyPayload,
  );
  expect(() =>
    expectUpload(server, emptyPayload, client, { arrays: { w: f32([1], [0]) }, meta: {} }),
  ).toThrow(/arrays must be \[\]/);
});

import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { reduceEntropy } from "./dsfl";
import { strategyNamed } from "./registry";
import { divergence } from "./training/losses";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const close = (values: readonly number[], digits = 5) =>
  values.map((value) => expect.closeTo(value, digits));

describe("entropy reduction aggregation", () => {
  it("is the softmax of the mean over T, not a power of it", () => {
    // e^6, e^3, e^1 = 403.4288, 20.0855, 2.7183, together 426.2326
    const era = [...reduceEntropy([0.6, 0.3, 0.1], 0.1)];
    expect(era).toEqual(close([0.946499, 0.047123, 0.006377]));
    // T = 1 flattens: e^0.6, e^0.3, e^0.1 = 1.82212, 1.34986, 1.10517, together 4.27715
    expect([...reduceEntropy([0.6, 0.3, 0.1], 1)]).toEqual(close([0.426013, 0.315598, 0.258389]));
  });

  const server = strategyNamed("dsfl").server({});
  const state: Payload = {
    arrays: { images: u8([1, 1, 1, 3], [1, 2, 3]) },
    meta: { set: 1, classes: 3, prompts: ["a"], captions: ["a"], labels: [0] },
  };
  const said = (id: string, modality: "image" | "text", row: readonly number[]): Update => ({
    client: { id: clientId(id), modality, architecture: "any", samples: id === "a" ? 1 : 9e9 },
    age: 0,
    payload: { arrays: { [modality]: f32([1, 3], row) }, meta: { set: 1 } },
  });

  it("sharpens the mean of all clients alike, each modality by itself", async () => {
    const sum = [
      said("a", "image", [0.8, 0.1, 0.1]),
      said("b", "image", [0.4, 0.5, 0.1]),
      said("c", "text", [0.1, 0.3, 0.6]),
    ].reduce<Payload | undefined>((sum, update) => server.accumulate(sum, update), undefined);
    const step = await server.conclude(state, sum as Payload, {} as ServerEnv);
    const knowledge = step.state.arrays;
    // (0.8 + 0.4) / 2, (0.1 + 0.5) / 2, 0.1: the mean of above
    expect([...knowledge["knowledge/image"].data]).toEqual(
      close([0.946499, 0.047123, 0.006377], 4),
    );
    expect([...knowledge["knowledge/text"].data]).toEqual(close([0.006377, 0.047123, 0.946499], 4));
    expect(step.metrics).toEqual({ "pictures/agreement": 1, "captions/agreement": 0 });
    const [item] = server.gallery?.(step.state)?.items ?? [];
    expect(item.verdict).toEqual({ label: 0, confidence: expect.closeTo(0.946499, 4) });
  });

  it("takes distributions about the open set alone", () => {
    const check = (row: readonly number[], set = 1) => {
      const { client, payload } = said("a", "image", row);
      expectUpload(server, state, client, { ...payload, meta: { set } });
    };
    expect(() => check([0.2, 0.3, 0.5])).not.toThrow();
    expect(() => check([0.2, 0.3, 0.5], 2)).toThrow(/set is 2, not 1/);
    expect(() => check([0.2, 0.3, 0.6])).toThrow(/sums to 1.100/);
    expect(() => check([-0.2, 0.7, 0.5])).toThrow(/negative/);
  });
});

it("a client minimises KL(Ŷ ‖ p), whose gradient is (p - Ŷ) / B", () => {
  const [value, gradient] = tf.tidy(() => {
    const target = tf.tensor2d([
      [0.5, 0.5],
      [1, 0],
    ]);
    const loss = (logits: tf.Tensor) => divergence(logits as tf.Tensor2D, target);
    const logits = tf.tensor2d([
      [Math.log(3), 0],
      [0, 0],
    ]);
    return [loss(logits).dataSync()[0], [...tf.grad(loss)(logits).dataSync()]];
  });
  // p = (3/4, 1/4), (1/2, 1/2): ½ ln(½ / ¾) + ½ ln(½ / ¼) = 0.143841 and ln 2, their mean 0.418494
  expect(value).toBeCloseTo(0.418494, 5);
  expect(gradient).toEqual(close([0.125, -0.125, -0.25, 0.25]));
});

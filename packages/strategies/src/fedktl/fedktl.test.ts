import { fitOnce, pictures } from "@tandem/client/testing/fit-once";
import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { addPrefix, f32, u8, underPrefix } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import { tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { normalise } from "../aggregation/rows";
import { strategyNamed } from "../registry";
import { initialNet, runNet } from "../training/small-net";
import { align } from "./alignment";
import { arcFace, etfCosines, maximumMeanDiscrepancy } from "./losses";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const valuesOf = (run: () => tf.Tensor) => tf.tidy(() => [...run().dataSync()]);

describe("losses", () => {
  it("the vertices of the simplex are as far from each other, and the closest is the largest h", () => {
    const cosines = valuesOf(() => etfCosines(tf.tensor2d([[7, 0, 0]])));
    // √(3/2) (1 - 1/3) and √(3/2) (-1/3), whatever the length of h
    [0.8164966, -0.4082483, -0.4082483].forEach((value, c) => {
      expect(cosines[c]).toBeCloseTo(value, 6);
    });
    // A vertex itself: itself 1, the others -1/(C-1)
    const vertex = valuesOf(() => etfCosines(tf.tensor2d([[2, -1, -1]])));
    [1, -0.5, -0.5].forEach((value, c) => {
      expect(vertex[c]).toBeCloseTo(value, 6);
    });
  });

  it("ArcFace adds its margin to the label's angle alone", () => {
    const labels = () => tf.tensor1d([0], "int32");
    const [loss] = valuesOf(() => arcFace(tf.tensor2d([[1, 0]]), labels(), { scale: 2 }));
    // √2 (1 - 1/2) = cos 45° and -cos 45°; 2 cos(45° + 0.5) = 0.5631 against -1.4142
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-Math.SQRT2 - 0.5630792)), 5);
    const prior = Float32Array.of(0, Math.log(3));
    const [adjusted] = valuesOf(() =>
      arcFace(tf.tensor2d([[1, 0]]), labels(), { scale: 2, prior }),
    );
    expect(adjusted).toBeCloseTo(Math.log(1 + 3 * Math.exp(-Math.SQRT2 - 0.5630792)), 5);
  });

  it("the discrepancy of two points is known; of a sample with itself it is 0", () => {
    const points = (first: number) => tf.tensor2d([[first, ...new Array(19).fill(0)]]);
    const [apart] = valuesOf(() => maximumMeanDiscrepancy(points(0), points(2)));
    // L = 20, so d² = 4 as it is: 4 + 4 - 2 (e^-0.2 + e^-0.1333 + e^-0.1 + e^-0.04)
    expect(apart).toBeCloseTo(0.8809, 3);
    const [same] = valuesOf(() => maximumMeanDiscrepancy(points(1), points(1)));
    expect(same).toBeCloseTo(0, 6);
  });
});

describe("alignment", () => {
  const size = 30;
  const net = initialNet({ inputs: 3, hidden: 3, outputs: size }, createRng("net"));
  const own = f32([3, size], new Float32Array(3 * size).fill(7));
  const state: Payload = { arrays: { ...addPrefix("net/", net), centroids: own }, meta: {} };
  const env = {
    rng: createRng("alignment"),
    signal: new AbortController().signal,
    progress: () => {},
  } as unknown as ServerEnv; // nothing else is looked at
  const prototypes = [
    { row: [1, 0, 0], label: 0 },
    { row: [0.8, 0.6, 0], label: 0 },
    { row: [0, 0, 1], label: 2 },
    { row: [0, 0.6, 0.8], label: 2 },
  ];
  const config = { alignmentEpochs: 0, alignmentRate: 0.01, centroidWeight: 1 };

  it("a class's noise is the mean of what the net makes of its prototypes", async () => {
    const before = tf.memory().numTensors;
    const { state: after } = await align(config, state, prototypes, env);
    const made = valuesOf(() =>
      runNet(tensorsOf(net), tf.tensor2d(prototypes.map(({ row }) => row))),
    );
    const { data } = after.arrays.centroids;
    for (let j = 0; j < size; j++) {
      expect(data[j]).toBeCloseTo((made[j] + made[size + j]) / 2, 5);
      expect(data[size + j]).toBe(7); // nobody holds class 1
      expect(data[2 * size + j]).toBeCloseTo((made[2 * size + j] + made[3 * size + j]) / 2, 5);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it("training brings the noise close to normal noise", async () => {
    const wide = initialNet({ inputs: 8, hidden: 8, outputs: size }, createRng("net"));
    const before = {
      arrays: { ...addPrefix("net/", wide), centroids: f32([8, size], new Float32Array(8 * size)) },
      meta: {},
    };
    const rng = createRng("prototypes");
    const many = Array.from({ length: 48 }, (_, i) => ({
      row: [...normalise(Float64Array.from({ length: 8 }, () => rng.normal()))],
      label: i % 8,
    }));
    const normal = Array.from({ length: 48 }, () => Array.from({ length: size }, rng.normal));
    const discrepancy = async (alignmentEpochs: number) => {
      const free = { alignmentEpochs, alignmentRate: 0.03, centroidWeight: 0 };
      const { state: after } = await align(free, before, many, env);
      const net = underPrefix("net/", after.arrays);
      const [value] = valuesOf(() => {
        const noise = runNet(tensorsOf(net), tf.tensor2d(many.map(({ row }) => row)));
        return maximumMeanDiscrepancy(noise, tf.tensor2d(normal));
      });
      return value;
    };
    expect(await discrepancy(60)).toBeLessThan((await discrepancy(0)) / 2);
  });
});

describe("the halves", () => {
  it("a client regresses the noise of the pictures it sees, in step with its own loss", async () => {
    const fit = (transferWeight: number) =>
      fitOnce({
        strategy: strategyNamed("fedktl").client({
          localEpochs: 1,
          warmUpEpochs: 0,
          transferWeight,
        }),
        instruction: {
          arrays: { images: pictures(9), latents: f32([6, 5], new Float32Array(30).fill(1000)) },
          meta: { seed: 1 },
        },
      });
    const [without, once] = [await fit(0), await fit(1)];
    // The layer starts near 0: its mean square error is 1000², but for a hundredth.
    const share = ((once.reply.metrics.loss ?? 0) - (without.reply.metrics.loss ?? 0)) / 1e6;
    expect(share).toBeGreaterThan(0.99);
    expect(share).toBeLessThan(1.01);
    expect(without.context.weights?.["image.dense0.weight"]).not.toEqual(
      once.context.weights?.["image.dense0.weight"],
    );
  });

  it("the server asks for prototypes of unit length, and for a teacher that takes noise", async () => {
    const server = strategyNamed("fedktl").server({});
    const env = (noiseShape?: readonly number[]) =>
      ({
        classes: ["a", "b"],
        rng: createRng("init"),
        teacher: { abilities: { finetune: true, repeat: true, noiseShape } },
      }) as unknown as ServerEnv;
    await expect(server.init(env())).rejects.toMatchObject({ code: "not-supported" });
    const state = await server.init(env([2, 2, 2]));
    expect(state.arrays.centroids.shape).toEqual([2, 8]);
    const client = {
      id: clientId("a"),
      modality: "image",
      architecture: "any",
      samples: 1,
    } as const;
    const check = (row: readonly number[]) => () =>
      expectUpload(server, state, client, {
        arrays: { "mean/image": f32([2, 2], [...row, 0, 0]), "held/image": u8([2], [1, 0]) },
        meta: {},
      });
    expect(check([0.6, -0.8])).not.toThrow();
    expect(check([0.6, 0.6])).toThrow(/prototype 0 of image has length 0.849, not 1/);
  });
});

import { about, fitOnce } from "@tandem/client/testing/fit-once";
import type { JsonObject } from "@tandem/core/json";
import type { ModelOutput } from "@tandem/core/model";
import type { Payload } from "@tandem/core/payload";
import { f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { strategyNamed } from "../registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const d = 64;
const zeros = f32([6, d], new Float32Array(6 * d));
/** What the others say of set 1: of item 0 less surely than the client below, of item 1 more so. */
const knowledge: Payload = {
  arrays: {
    target: f32([6, 2], [0.6, 0.4, ...Array(10).fill(0.5)]),
    confidence: f32([6], Array(6).fill(1)),
    accepted: u8([6], [1, 0, 0, 0, 0, 0]),
    image: zeros,
    text: zeros,
  },
  meta: { knowledgeOf: 1 },
};

/** The transfer's loss of items 0 and 1, of classes 0 and 1, for p = (3/4, 1/4) and z = 0. */
async function transferLoss(config: JsonObject): Promise<number> {
  const given = {
    strategy: strategyNamed("fedmmkt").client({
      critics: "none",
      localEpochs: 0,
      warmUpEpochs: 0,
      evidence: "clients",
      newestSet: "none",
      ...config,
    }),
  };
  const first = await fitOnce({ ...given, instruction: about(1) });
  const losses: number[] = [];
  await fitOnce({
    ...given,
    instruction: about(2, knowledge),
    round: 2,
    before: first.context,
    watch({ batchSize, loss }) {
      if (batchSize !== 64) return; // the client's own samples
      const value = tf.tidy(() => {
        const image = tf.tensor2d([Math.log(3), 0, Math.log(3), 0], [2, 2]);
        const output: ModelOutput = { logits: { image }, z: { image: tf.zeros([2, d]) } };
        const labels = tf.tensor1d([0, 1], "int32");
        return loss(output, { labels, indices: Int32Array.of(0, 1) }).dataSync()[0];
      });
      losses.push(value);
    },
  });
  expect(losses).toHaveLength(1);
  return losses[0];
}

/** T² KL(p^{1/T} ‖ (3/4, 1/4)^{1/T}) of distributions that add to 1 again, at T = 2. */
function kl(target: readonly number[]): number {
  const [p, own] = [target, [0.75, 0.25]].map(([a, b]) => {
    const total = Math.sqrt(a) + Math.sqrt(b);
    return [Math.sqrt(a) / total, Math.sqrt(b) / total];
  });
  return 4 * (p[0] * Math.log(p[0] / own[0]) + p[1] * Math.log(p[1] / own[1]));
}
// The gate lets item 1 through alone: 0.6 < 0.75, and 0.5 > 0.25.
const gated = kl([0.5, 0.5]);
const ungated = (kl([0.5, 0.5]) + kl([0.6, 0.4])) / 2;
// Of rows of zeros all are as near: 3 of 6 have the item's class, 1 of 6 is itself.
const inter = 0.5 * Math.log(2);
const interOfOne = 0.5 * Math.log(6);
const intra = 0.5 * Math.log(2); // -log σ(0)
const pseudo = 0.5 * (-0.95 * Math.log(0.75) - 0.05 * Math.log(0.25)); // item 0 is accepted
const full = gated + inter + intra + pseudo;

it.each<[string, JsonObject, number]>([
  ["all terms", {}, full],
  ["noInter", { interModal: 0 }, full - inter],
  ["noIntra", { intraModal: 0 }, full - intra],
  ["noKD", { distillation: 0 }, full - gated],
  ["noPseudo", { pseudoLabels: 0 }, full - pseudo],
  ["noGate", { gate: false }, full - gated + ungated],
  // The others are surest of class 0, and less so than the client.
  ["a gate about what all evidence comes to", { evidence: "annotators" }, full - gated],
  ["singlePositive", { positives: "item" }, full - inter + interOfOne],
])("%s: what a client's transfer minimises", async (_, config, expected) => {
  expect(await transferLoss(config)).toBeCloseTo(expected, 5);
});

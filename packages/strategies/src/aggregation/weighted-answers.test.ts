import { f64 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import golden from "../../fixtures/aggregation-golden.json";
import { contrastScores, flooredScores } from "./contrast";
import type { Table } from "./rows";
import {
  type Description,
  descriptionWeights,
  fuseRepresentations,
  type Prediction,
  poolPredictions,
} from "./weighted-answers";

const table = (rows: readonly (readonly number[])[]): Table =>
  f64([rows.length, rows[0].length], rows.flat());
const [images, texts] = [table(golden.g_img), table(golden.g_txt)];

const softmax = (row: readonly number[]) => {
  const e = row.map(Math.exp);
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
};

const clients: (Description & Prediction)[] = golden.z.map((z, k) => ({
  z: table(z),
  scores: flooredScores(table(z), texts, golden.y, golden.tau_w),
  probabilities: table(golden.logits[k].map(softmax)),
  reliability: golden.a[k],
  samples: golden.n[k],
  age: golden.age[k],
}));

function expectRows(actual: readonly ArrayLike<number>[], expected: readonly number[][]) {
  expect(actual.length).toBe(expected.length);
  expected.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(Math.abs(actual[i][j] - value)).toBeLessThan(1e-6);
    });
  });
}

describe("aggregation agrees with the independent implementation to 1e-6", () => {
  it("scores s and weights w", () => {
    expectRows(
      clients.map((client) => client.scores),
      golden.s,
    );
    expectRows(clients.map(descriptionWeights), golden.w);
  });

  it("fused representations", () => {
    const scores = flooredScores(images, texts, golden.y, golden.tau_w);
    expectRows([scores], [golden.s0]);
    const fused = fuseRepresentations(clients, { z: images, scores, weight: golden.omega0 });
    expectRows(fused, golden.Zbar);
  });

  it("pooled and sharpened predictions, disagreement and confidence", () => {
    const consensus = poolPredictions(clients, golden.T_era);
    expectRows(consensus.pooled, golden.pbar);
    expectRows(consensus.sharpened, golden.Ybar);
    expectRows([consensus.disagreement, consensus.confidence], [golden.J, golden.q]);
  });

  it("CreamFL's con_w is the case P(i) = {i}, τ = 1, ω0 = 0, a = 1", () => {
    const own = golden.y.map((_, i) => i);
    const plain = golden.z.map((z) => ({
      scores: contrastScores(table(z), texts, own, 1),
      reliability: own.map(() => 1),
      age: 0,
    }));
    const weights = plain.map(descriptionWeights);
    const totals = own.map((i) => weights.reduce((sum, row) => sum + row[i], 0));
    expectRows(
      weights.map((row) => row.map((w, i) => w / totals[i])),
      golden.creamfl_w,
    );
  });
});

describe("fusion at the edges", () => {
  const student = { z: images, scores: golden.s0, weight: 0 };

  it("a single uploader without the student is returned as it is", () => {
    expectRows(fuseRepresentations([clients[0]], student), golden.z[0]);
  });

  it("without uploads the student's rows stand", () => {
    expectRows(fuseRepresentations([], { ...student, weight: 0.5 }), golden.g_img);
  });

  it("the order of clients does not matter", () => {
    const reversed = poolPredictions([...clients].reverse(), 0.5);
    expectRows(reversed.pooled, golden.pbar);
  });
});

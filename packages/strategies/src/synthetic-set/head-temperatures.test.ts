import { fusedLogits } from "@tandem/core/fused-logits";
import type { Predictions, Trainer } from "@tandem/core/model";
import type { FitContext } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { headTemperatures, likeliestTemperature } from "./head-temperatures";

describe("the temperature of a head", () => {
  it("is where its confidence is its accuracy", () => {
    // Of two classes with logits (a, 0), right in 3 of 4: softmax(a / T) = 3/4, so T = a / ln 3.
    const said = (a: number) => Array.from({ length: 4 }, () => [a, 0]);
    for (const a of [0.5, 2, 6])
      expect(likeliestTemperature(said(a), [0, 0, 1, 0])).toBeCloseTo(a / Math.log(3), 5);
  });

  it("stays finite where a head is always right, always wrong or says nothing", () => {
    const said = [
      [2, 0],
      [0, 2],
    ];
    expect(likeliestTemperature(said, [0, 1])).toBeCloseTo(0.05, 6);
    expect(likeliestTemperature(said, [1, 0])).toBeCloseTo(20, 6);
    const silent = likeliestTemperature([[1, 1]], [0]);
    expect(silent).toBeGreaterThanOrEqual(0.05);
    expect(silent).toBeLessThanOrEqual(20);
  });
});

describe("a model of pairs", () => {
  // The picture half is sure, and wrong in half of the set; the caption half is unsure and always right.
  const answers: Predictions = {
    z: {},
    logits: { image: f32([2, 2], [8, 0, 8, 0]), text: f32([2, 2], [1, 0, 0, 1]) },
  };
  const trainer = { predict: async () => answers } as unknown as Trainer;
  const context = (modality: string) => ({ model: { modality }, trainer }) as unknown as FitContext;
  const asked = { set: 1, captions: ["p", "q"], labels: [0, 1] };

  it("follows the half that is right about new prompts, not the one that is sure", async () => {
    const temperatures = await headTemperatures(
      context("image-text"),
      { calibration: true },
      asked,
    );
    expect(temperatures.image).toBeCloseTo(20, 5);
    expect(temperatures.text).toBeCloseTo(0.05, 5);
    const choice = (rows: readonly ArrayLike<number>[]) =>
      rows.map((row) => Number(row[1] > row[0]));
    expect(choice(fusedLogits(answers))).toEqual([0, 0]);
    expect(choice(fusedLogits(answers, temperatures))).toEqual([0, 1]);
  });

  it("has none if it is one half alone, or if calibration is off", async () => {
    expect(await headTemperatures(context("image"), { calibration: true }, asked)).toEqual({});
    expect(await headTemperatures(context("image-text"), { calibration: false }, asked)).toEqual(
      {},
    );
  });
});

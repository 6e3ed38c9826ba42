import type { FitContext } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { evaluateOnTest } from "./client-steps";

it("accuracy is told of the whole test set, of each of its parts and of each head", async () => {
  const logits = {
    image: f32([4, 2], [3, 0, 3, 0, 3, 0, 0, 3]),
    text: f32([4, 2], [0, 1, 1, 0, 0, 9, 0, 1]),
  };
  const context = {
    model: { modality: "image-text" },
    trainer: { predict: async () => ({ logits, z: {} }) },
    test: {
      size: 4,
      labels: Int32Array.of(0, 0, 1, 0),
      parts: ["noto", "noto", "noto", "twemoji"],
    },
    progress: () => {},
  } as unknown as FitContext; // what an evaluation reads of it
  expect(await evaluateOnTest(context)).toEqual({
    accuracy: 0.75,
    "accuracy/part/noto": 1,
    "accuracy/part/twemoji": 0,
    "accuracy/image": 0.5,
    "accuracy/text": 0.5,
  });
});

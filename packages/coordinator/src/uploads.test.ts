import { expect, it } from "vitest";
import { checkMetrics } from "./uploads";

it("takes shares, and what else clients tell, where it is finite and not negative", () => {
  const ranks = { "retrieval/text-to-image/median-rank": 12.5, "temperature/text": 3 };
  expect(() =>
    checkMetrics({ accuracy: 0, "accuracy/image": 1, loss: 0, "loss/kd": 31, ...ranks }),
  ).not.toThrow();
});

it.each([
  [{ accuracy: 1.01 }, /"accuracy" is 1.01, not between 0 and 1/],
  [{ "accuracy/text": -0.1 }, /"accuracy\/text" is -0.1/],
  [{ loss: -1 }, /"loss" is -1, not between 0 and 1000000000/],
  [{ temperature: Number.NaN }, /"temperature" is NaN, not a finite number/],
  [{ margin: 1 }, /"margin" is 1, not one that clients tell: begin its name with accuracy, loss/],
  [{ "teacher/loss": 1 }, /"teacher\/loss" is 1, not one/],
  [{ toString: 1 }, /"toString" is 1, not one/],
  [{ loss: Number.POSITIVE_INFINITY }, /"loss" is Infinity/],
])("refuses %j", (metrics, reason) => {
  expect(() => checkMetrics(metrics)).toThrow(reason);
});

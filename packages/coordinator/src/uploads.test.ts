import { expect, it } from "vitest";
import { checkMetrics } from "./uploads";

it("takes shares, losses that are not negative, and any finite number under another name", () => {
  expect(() =>
    checkMetrics({ accuracy: 0, "accuracy/image": 1, loss: 0, "loss/kd": 31, margin: -2 }),
  ).not.toThrow();
});

it.each([
  [{ accuracy: 1.01 }, /"accuracy" is 1.01, not between 0 and 1/],
  [{ "accuracy/text": -0.1 }, /"accuracy\/text" is -0.1/],
  [{ loss: -1 }, /"loss" is -1, not 0 or more/],
  [{ margin: Number.NaN }, /"margin" is NaN, not a finite number/],
  [{ loss: Number.POSITIVE_INFINITY }, /"loss" is Infinity/],
])("refuses %j", (metrics, reason) => {
  expect(() => checkMetrics(metrics)).toThrow(reason);
});

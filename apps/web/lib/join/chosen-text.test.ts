import { expect, it } from "vitest";
import { chosenText } from "./chosen-text";

it("says which model a device has got, and by what", () => {
  const among = ["cnn-small", "cnn-wide", "mlp-image"];
  const of = (architecture: string, stepMs: number, some = among) =>
    chosenText({ architecture, chosen: { among: some, stepMs, budgetMs: 100 } });
  expect(of("cnn-wide", 61)).toBe(
    "Chosen for this device: cnn-wide, the largest of cnn-small, cnn-wide and mlp-image that stays within 100 ms; a training step of it is expected to take about 61 ms here.",
  );
  expect(of("mlp-image", 240)).toMatch(
    /the smallest of .* as none stays within 100 ms; .* 240 ms here/,
  );
  expect(of("dual-backbone-bag", 20, ["dual-backbone-bag"])).toMatch(/, which all have; /);
  expect(chosenText({ architecture: "cnn-small" })).toBeUndefined();
});

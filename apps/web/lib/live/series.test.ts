import type { RoundView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { accuracySeries, partSeries, recallSeries, styleSeries } from "./series";

const rounds = [
  { round: 1, metrics: { "accuracy/part/twemoji": 0.5, "accuracy/mean": 0.4 } },
  { round: 2, metrics: { "accuracy/part/twemoji": 0.6, "accuracy/part/noto": 0.7 } },
] as unknown as readonly RoundView[]; // nothing else of a round is read

it("each part is a line, and has no value where a round did not measure it", () => {
  const lines = partSeries(rounds, "accuracy/part/");
  expect(lines.map(({ label, values }) => [label, values])).toEqual([
    ["noto", [null, 0.7]],
    ["twemoji", [0.5, 0.6]],
  ]);
  expect(lines[0].colour).not.toBe(lines[1].colour);
});

it("there is nothing to draw of what no round has measured", () => {
  expect(partSeries(rounds, "teacher/part/")).toEqual([]);
  expect(recallSeries(rounds)).toEqual([]);
});

it("the teacher's share of the clients' style has a line for its base, from its one measurement", () => {
  const scored = [
    { metrics: { "teacher/basePart/openmoji": 0.1, "teacher/basePart/noto": 0.6 } },
    { metrics: { "teacher/part/openmoji": 0.3, "teacher/realPart/openmoji": 0.9 } },
    { metrics: {} },
  ] as unknown as readonly RoundView[];
  const lines = styleSeries(scored, "emoji-domain").map(({ dashed, values }) => [dashed, values]);
  expect(lines).toEqual([
    [undefined, [null, 0.3, null]],
    [true, [0.1, 0.1, 0.1]],
    [true, [null, 0.9, null]],
  ]);
  expect(styleSeries(scored, "emoji-style")).toEqual([]);
});

it("the clients' accuracy is drawn beside what was measured elsewhere, in each round", () => {
  const references = [
    { label: "Never met", accuracy: 0.3 },
    { label: "All data in one place", accuracy: 0.8 },
  ];
  const [own, ...others] = accuracySeries(rounds, references);
  expect(own.values).toEqual([0.4, null]);
  expect(others.map(({ label, values }) => [label, values])).toEqual([
    ["Never met", [0.3, 0.3]],
    ["All data in one place", [0.8, 0.8]],
  ]);
  expect(others.every(({ dashed }) => dashed)).toBe(true);
  expect(new Set(others.map(({ colour }) => colour)).size).toBe(2);
});

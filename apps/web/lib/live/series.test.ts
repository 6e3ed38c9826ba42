import type { RoundView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { partSeries, recallSeries } from "./series";

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

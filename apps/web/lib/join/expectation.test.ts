import type { RoundView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { expectationOf, programBytes } from "./expectation";
import { roughly, timeLeft } from "./time-left";

const config = { rounds: 5, deadlineMs: 60_000 };
const joining = {
  sharedBytes: 1000,
  places: [
    { modality: "image", total: 2, free: 1, bytes: 5000 },
    { modality: "text", total: 2, free: 1, bytes: 200 },
  ],
} as const;
const round = (number: number, ms?: number): RoundView => ({
  round: number,
  phases: [{ phase: "generating", at: 1000 }],
  ...(ms !== undefined && { endedAt: 1000 + ms }),
  cohort: 4,
  uploads: 2,
  refused: 0,
  bytesUp: 200,
  bytesDown: 4000,
  metrics: {},
  gallery: false,
});

it("before the first round only the limit of a tab's computing is known", () => {
  expect(expectationOf(config, [], joining)).toEqual({
    rounds: 5,
    time: { ms: 300_000, isLimit: true },
    download: programBytes + 6000,
  });
});

it("later rounds are expected to be as the ended ones were", () => {
  const past = [round(1, 90_000), round(2, 10_000), round(3, 20_000), round(4)];
  expect(expectationOf(config, past, joining)).toMatchObject({
    rounds: 2,
    time: { ms: 40_000, isLimit: false },
    perRound: { up: 100, down: 1000 },
  });
});

it("the time left follows the pace, and is not told too early", () => {
  const from = { at: 0, fraction: 0.2 };
  expect(timeLeft(from, { at: 500, fraction: 0.6 })).toBeUndefined();
  expect(timeLeft(from, { at: 5000, fraction: 0.21 })).toBeUndefined();
  expect(timeLeft(from, { at: 4000, fraction: 0.6 })).toBeCloseTo(4000);
  expect([300, 4400, 47_000, 200_000].map(roughly)).toEqual([1000, 4000, 50_000, 180_000]);
});

import type { RoundView } from "@tandem/protocol/view";
import { describe, expect, it } from "vitest";
import { timeline } from "./timeline";

const blank = {
  cohort: 2,
  uploads: 2,
  refused: 0,
  bytesUp: 0,
  bytesDown: 0,
  metrics: {},
  gallery: false,
};
const rounds: readonly RoundView[] = [
  {
    ...blank,
    round: 1,
    phases: [
      { phase: "generating", at: 1000 },
      { phase: "collecting", at: 2000 },
    ],
    endedAt: 5000,
  },
  { ...blank, round: 2, phases: [{ phase: "generating", at: 5000 }] },
];

describe("timeline", () => {
  it("puts all rounds on the scale of the longest", () => {
    const [first, second] = timeline(rounds, 6000, true);
    // Round 1 lasts 4 s: 1 s painting, 3 s collecting. Round 2 has run for 1 s.
    expect(first.segments.map((s) => s.width)).toEqual([0.25, 0.75]);
    expect(first.segments.map((s) => s.running)).toEqual([false, false]);
    expect(second.segments).toEqual([
      { phase: "generating", durationMs: 1000, width: 0.25, running: true },
    ]);
  });

  it("does not let the last round of a stopped experiment grow", () => {
    const [, second] = timeline(rounds, 1e9, false);
    expect(second.totalMs).toBe(0);
    expect(second.segments[0].running).toBe(false);
  });

  it("takes a clock behind the server's for no time at all", () => {
    expect(timeline(rounds, 4000, true)[1].totalMs).toBe(0);
  });
});

import type { RoundView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { gains, gainsLine } from "./gains";
import { controlLabel } from "./settings";

const round = (round: number, metrics: RoundView["metrics"]): RoundView => ({
  round,
  phases: [{ phase: "generating", at: 1_000 }],
  endedAt: 73_000,
  cohort: 6,
  uploads: 5,
  refused: 0,
  bytesUp: 100_000,
  bytesDown: 900,
  metrics,
  gallery: true,
});
const first = round(1, {
  "accuracy/mean": 0.3,
  "teacher/basePart/openmoji": 0.125,
  "teacher/part/openmoji": 0.25,
  "teacher/part/noto": 0.5,
});
const second = round(2, { "accuracy/mean": 0.45, "teacher/part/openmoji": 0.5 });
const config = {
  dataset: "emoji-domain",
  rounds: 2,
  references: [{ label: controlLabel, accuracy: 0.34 }],
};

it("a round's line has both curves beside the base and the control", () => {
  expect(gainsLine(second, { config, rounds: [first, second] })).toBe(
    "Round 2 of 2: 1 min 12 s | 5 of 6 clients in | pictures in the participants' style 50.0 % " +
      "(base: 12.5 %) | clients' accuracy 45.0 % (Clients that never met, 10 local epochs instead of 2: 34.0 %)",
  );
});

it("three sentences end the run: teacher, clients, and bytes by answer", () => {
  expect(gains({ config, rounds: [first, second] })).toEqual([
    "Teacher: an independent judge takes 50.0 % of its pictures for the participants' style (openmoji), and took 12.5 % before the first lesson.",
    "Clients: their mean accuracy is 45.0 %, and was 30.0 % when it was first measured (Clients that never met, 10 local epochs instead of 2: 34.0 %).",
    "What left the tabs: 20.0 kB per client and round: what its models say of painted pictures and captions, how accurate they are and which classes it holds; no sample, and no weight of a model.",
  ]);
});

it("what was not measured is said to be so", () => {
  const [teacher, clients] = gains({ config, rounds: [round(1, {})] });
  expect(teacher).toBe("Teacher: nobody has judged its pictures.");
  expect(clients).toBe("Clients: none has measured its accuracy.");
  expect(gainsLine(round(1, {}), { config, rounds: [] })).toContain(
    "style not measured (base: not measured)",
  );
});

import type { ExperimentView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { armsOf } from "./arms";
import { notesOf } from "./notes";
import { round, run } from "./testing/runs";

const notes = (...runs: readonly ExperimentView[]) => notesOf(armsOf(runs, false));
const measured = (id: string, changes: Partial<ExperimentView> = {}, config = {}) => ({
  ...run(id, [0.5], config),
  ...{ measuredOn: "public" as const, ...changes },
});
const usual = "Measured on the public test.";

it("runs that can be compared are told what they are measured on alone", () => {
  expect(notes(measured("a"), measured("b", {}, { alpha: 0.1 }))).toEqual([usual]);
  const { measuredOn: _, ...nobody } = run("a", []);
  expect(notes(nobody)).toEqual([]);
});

it("accuracies that do not compare are said to", () => {
  expect(notes(measured("a"), measured("b", {}, { dataset: "emoji-languages" }))).toEqual([
    "They have different data: their accuracies do not compare.",
    usual,
  ]);
  expect(notes(measured("a"), measured("b", {}, { benchmark: "validation" }))).toEqual([
    "Some are measured on test samples, others on validation samples: their accuracies do not compare.",
    usual,
  ]);
  expect(notes(measured("a"), measured("b", { measuredOn: "held-out" }))).toEqual([
    expect.stringMatching(/^Some are measured on the public test, others on what participants/),
  ]);
});

it("rounds that had other numbers of answers are said to", () => {
  const few = { ...measured("b"), rounds: [{ ...round(1, {}), uploads: 1 }, round(2, {})] };
  expect(notes(measured("a"), few)).toEqual([
    "Rounds had 1.5 to 2 answers on average, by experiment: a difference may come from that alone.",
    usual,
  ]);
  const many = Array.from({ length: 20 }, (_, i) => round(i + 1, {}));
  const nearly = { ...measured("b"), rounds: [...many.slice(1), { ...round(20, {}), uploads: 1 }] };
  expect(notes(measured("a"), nearly)).toEqual([usual]);
});

it("figures of rounds so far are said to be", () => {
  expect(notes(measured("a"), measured("b", { status: "running" }))).toEqual([
    usual,
    "1 of 2 experiments has not finished: its figures are of the rounds so far.",
  ]);
  expect(notes(measured("a", { status: "failed" }), measured("b", { status: "paused" }))).toEqual([
    usual,
    "2 of 2 experiments have not finished: their figures are of the rounds so far.",
  ]);
});

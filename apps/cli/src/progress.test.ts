import { noLabels } from "@tandem/core/experiment";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { expect, test } from "vitest";
import { createProgress, roundLine } from "./progress";

const round: RoundView = {
  round: 1,
  phases: [{ phase: "generating", at: 1_000 }],
  endedAt: 73_000,
  cohort: 6,
  uploads: 5,
  refused: 0,
  bytesUp: 1_250_000,
  bytesDown: 900,
  metrics: { "accuracy/mean": 0.4213, "accuracy/std": 0.05, "teacher/promptAccuracy": 0.6125 },
  gallery: true,
};

const view = (changes: Partial<ExperimentView>): ExperimentView => ({
  id: "x" as ExperimentView["id"],
  config: { rounds: 2 } as ExperimentView["config"],
  status: "running",
  round: 1,
  phase: "generating",
  progress: { fraction: 0.5, note: "" },
  clientsNeeded: 6,
  keptOut: [],
  createdAt: 0,
  ...noLabels,
  clients: [],
  rounds: [],
  retention: {},
  ...changes,
});

test("a round's line names its time, answers, bytes, accuracy and the teacher's scores", () => {
  expect(roundLine(round, 2)).toBe(
    "Round 1 of 2: 1 min 12 s | 5 of 6 clients in | 1.25 MB up, 900 B down | " +
      "accuracy 42.1 % (sd 5.0 %) | teacher: promptAccuracy 0.613",
  );
});

test("without a terminal each phase and each finished round is one line, once", () => {
  const lines: string[] = [];
  const draw = createProgress({
    write: (text) => lines.push(text),
    live: false,
    now: () => 0,
    lineOf: ({ round }, { config }) => `${round} of ${config.rounds}`,
  });
  draw(view({}));
  draw(view({}));
  draw(view({ phase: "collecting" }));
  draw(view({ phase: "generating", round: 2, rounds: [round] }));
  draw(view({ status: "finished", round: 2, rounds: [round] }));
  expect(lines).toEqual([
    "  round 1: The teacher paints the synthetic set\n",
    "  round 1: Clients train and answer\n",
    "1 of 2\n",
    "  round 2: The teacher paints the synthetic set\n",
  ]);
});

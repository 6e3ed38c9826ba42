import type { RoundView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { withoutLesson } from "./without-lesson";

/** Rounds from 1 on with these metrics; nothing else of a round is read. */
const rounds = (...metrics: readonly RoundView["metrics"][]) =>
  metrics.map((of, i) => ({ round: i + 1, metrics: of })) as unknown as readonly RoundView[];

const [taught, undecided] = [{ "critics/undecided": 0 }, { "critics/undecided": 1 }];

it("a round whose critics were undecided or silent is named with the reason", () => {
  expect(withoutLesson(rounds(taught, undecided, taught))).toBe(
    "The teacher learned nothing in round 2, because the critics were undecided about which of its pictures look like the clients' own.",
  );
  expect(withoutLesson(rounds({ "critics/silent": 1 }))).toBe(
    "The teacher learned nothing in round 1, because no client with enough pictures of a class answered.",
  );
});

it("nothing is said of rounds that have taught it, or have not come to it", () => {
  expect(withoutLesson(rounds(taught, taught, {}))).toBe("");
  expect(withoutLesson([])).toBe("");
});

it("rounds of one reason are one sentence, and those in a row are named by first and last", () => {
  const many = [undecided, undecided, taught, undecided, undecided, undecided, taught, undecided];
  expect(withoutLesson(rounds(...many))).toContain("in rounds 1, 2, 4 to 6 and 8, because");
  const two = withoutLesson(rounds({ "critics/silent": 1 }, undecided));
  expect(two).toMatch(
    /in round 1, because no client .*\. The teacher .* in round 2, because the critics/,
  );
  expect(withoutLesson(rounds({ "teacher/cannotLearn": 1 }))).toContain("it cannot be fine-tuned");
});

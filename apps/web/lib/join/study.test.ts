import { initialState } from "@tandem/client/messages";
import { expect, it } from "vitest";
import { type Kept, keptIn } from "./kept";
import { type Study, studiesIn, studyOf } from "./study";

const denied = () =>
  keptIn(() => {
    throw new DOMException("denied", "SecurityError");
  });
const study: Study = {
  identity: 1,
  title: "Emoji",
  how: "taking-part",
  options: { name: "Ada", modality: "text" },
  classes: 8,
  history: [{ round: 1, accuracy: 0.5, text: 0.5 }],
};

it("a browser that denies storage remembers as long as the page lives", () => {
  const studies = studiesIn(denied());
  studies.remember("e", study);
  studies.remember("e", { ...study, identity: 0 });
  studies.remember("other", study);
  expect(studies.of("e")).toEqual([{ ...study, identity: 0 }, study]);
  studies.forget("e", 0);
  expect(studies.of("e")).toEqual([study]);
});

it("what something else has written is not a study", () => {
  const kept: Kept = denied();
  const studies = studiesIn(kept);
  for (const text of ["", "null", "[]", "{", '{"how":"dancing"}', '{"how":"paused"}'])
    kept.set(`tandem/study/e/${text.length}`, text);
  kept.set("tandem/study/e/x", JSON.stringify(study));
  expect(studies.of("e")).toEqual([]);
  kept.set(
    "tandem/study/e/3",
    '{"how":"paused","classes":2,"options":{"name":7,"prefer":"abacus"},"history":[{"round":1,"accuracy":7},3]}',
  );
  expect(studies.of("e")).toEqual([
    { identity: 3, title: "", how: "paused", classes: 2, options: {}, history: [] },
  ]);
});

it("a client is remembered once it has a place, until it leaves", () => {
  const assignment = {
    client: "c",
    experiment: "E",
    strategy: "local",
    classes: ["a", "b"],
    modality: "image",
    architecture: "cnn-small",
    source: "noto",
    samples: 1,
    slot: 0,
    rounds: 1,
    measuredOn: "public",
    measuredSamples: 1,
  } as const;
  const state = { ...initialState, identity: 2, assignment };
  const howOf = (phase: typeof initialState.phase) =>
    studyOf({ ...state, phase }, { title: "E" })?.how;
  expect(studyOf({ ...initialState, identity: 2 }, { title: "E" })).toBeUndefined();
  expect(howOf("working")).toBe("taking-part");
  expect(howOf("failed")).toBe("taking-part");
  expect(howOf("paused")).toBe("paused");
  expect(howOf("finished")).toBe("finished");
  for (const phase of ["left", "removed"] as const) expect(howOf(phase)).toBeUndefined();
  const learned = { ...state, phase: "removed", history: [{ round: 1, accuracy: 1 }] } as const;
  expect(studyOf(learned, { title: "E", task: "task-1" })).toMatchObject({
    how: "finished",
    options: { task: "task-1" },
  });
});

import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { withAllSteps } from "@tandem/coordinator/steps";
import { createRng } from "@tandem/core/rng";
import type { EvaluateRequest, FinetuneRequest, Teacher } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { noScores } from "../testing/no-scores";
import { wholeState } from "../testing/whole-state";

const prompts = ["dog", "cat"];
const publicImages = u8([2, 1, 1, 3], [7, 7, 7, 8, 8, 8]);

/** Two pictures of two classes, of which the clients accept the first. */
const state = wholeState({
  arrays: {
    images: u8([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]),
    "student/w": f32([1], [1]),
    "knowledge/image": f32([2, 2], [1, 0, 0, 1]),
    "knowledge/text": f32([2, 2], [1, 0, 0, 1]),
    "knowledge/target": f32([2, 2], [1, 0, 0, 1]),
    "knowledge/confidence": f32([2], [1, 1]),
    "verdict/accepted": u8([2], [1, 0]),
  },
  meta: { set: 1, classes: 2, prompts, captions: prompts, labels: [0, 1], advantages: [1, 0] },
});

/** A teacher of one number: its student is what it was, its adapter the rank it was asked for. */
async function taughtBy(abilities: Teacher["abilities"], critics = "none", isJudged = true) {
  const server = withAllSteps(strategyNamed("fedmmkt").server({ critics }));
  const lessons: FinetuneRequest[] = [];
  const evaluated: EvaluateRequest[] = [];
  const notes: string[] = [];
  const student = { w: f32([1], [2]) };
  const teacher: Teacher = {
    ...absentTeacher,
    publicSet: { images: publicImages, prompts, captions: prompts, labels: [0, 1] },
    abilities,
    distil: async () => ({ student, loss: 0.5 }),
    // Sees the second picture's class in both, though the captions read as they should.
    async encode({ images, captions }) {
      const z = f32([2, 2], [1, 0, 0, 1]);
      if (images) expect(images).toBe(publicImages);
      return {
        ...(images && { image: { z, logits: f32([2, 2], [0, 1, 0, 1]) } }),
        ...(captions && { text: { z, logits: f32([2, 2], [1, 0, 0, 1]) } }),
      };
    },
    async finetune(request, task) {
      if (!abilities.finetune) return absentTeacher.finetune(request, task);
      lessons.push(request);
      return { adapter: { a: f32([1], [request.rank]) }, losses: [0.25] };
    },
    async evaluate(request) {
      evaluated.push(request);
      const parts = { noto: 0.75, twemoji: 0.25 };
      const half = { promptAccuracy: 0.5, secondPromptAccuracy: 0.25, recall: 0.75, parts };
      return isJudged ? { scores: { ...noScores, ...half } } : {};
    },
  };
  const { signal } = new AbortController();
  const taught = await server.teach(state, {
    round: 1,
    classes: prompts,
    teacher,
    rng: createRng("fedmmkt teaching test"),
    signal,
    progress: (_, note) => notes.push(note),
  });
  return { taught, lessons, evaluated, notes, student };
}

it("a teacher that can learn is fine-tuned on what was accepted", async () => {
  const { taught, lessons, evaluated } = await taughtBy({ finetune: true, repeat: true });
  expect(lessons.map(({ samples }) => samples.captions)).toEqual([["dog"]]);
  expect(lessons[0].replay.rows).toEqual([1]); // whose picture shows what its caption says
  expect(taught.state.arrays["adapter/a"].data).toEqual(Float32Array.of(4)); // the default rank
  expect(evaluated[0].adapter).toBeDefined();
  expect(taught.metrics).toMatchObject({ "teacher/samples": 1, "teacher/loss": 0.25 });
  expect(taught.metrics).not.toHaveProperty("teacher/cannotLearn");
});

it("a teacher that cannot stays as it is, and the round says so and goes on", async () => {
  const { taught, lessons, evaluated, notes, student } = await taughtBy({
    finetune: false,
    repeat: false,
  });
  expect(lessons).toEqual([]);
  expect(notes).toContain("this teacher cannot be fine-tuned and stays as it is");
  expect(taught.metrics).toMatchObject({
    "student/loss": 0.5,
    "teacher/cannotLearn": 1,
    "teacher/promptAccuracy": 0.5,
    "teacher/secondPromptAccuracy": 0.25,
    "teacher/recall": 0.75,
    "teacher/part/noto": 0.75,
    "teacher/part/twemoji": 0.25,
  });
  expect(taught.metrics).not.toHaveProperty("teacher/loss");
  expect(taught.state.arrays["student/w"]).toEqual(student.w);
  expect(Object.keys(taught.state.arrays).some((name) => name.startsWith("adapter/"))).toBe(false);
  expect(evaluated[0].adapter).toBeUndefined();
});

it("where no critic speaks there is no lesson, and the round says so", async () => {
  const { taught, lessons, notes } = await taughtBy({ finetune: true, repeat: true }, "clients");
  expect(lessons).toEqual([]);
  expect(taught.metrics).toMatchObject({ "critics/silent": 1, "teacher/promptAccuracy": 0.5 });
  expect(notes).toEqual(["no critic speaks of the teacher's pictures: it stays as it is"]);
});

it("what nobody can judge has no scores", async () => {
  const abilities = { finetune: true, repeat: true };
  const { taught, evaluated } = await taughtBy(abilities, "none", false);
  expect(evaluated).toHaveLength(1);
  expect(taught.metrics).toMatchObject({ "teacher/loss": 0.25 });
  expect(Object.keys(taught.metrics).filter((name) => /Accuracy|frechet/.test(name))).toEqual([]);
});

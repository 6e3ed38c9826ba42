import { resolve } from "node:path";
import type { TaskTeacher } from "@tandem/core/task";
import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { colourPicture, sendPicture, startImagesApi } from "@tandem/diffusion/testing/images-api";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { expect, it, onTestFinished } from "vitest";
import { startTeacherProcess } from "./process";
import { checkTeacher } from "./task-teacher";
import { createTeacher } from "./teacher";

const pictures = { ...fruit.pictures, size: 32 } as const;
const sourceOf = (teacher: TaskTeacher, set = fruitSet(6, 32), size: 28 | 32 = 32) => ({
  task: { ...fruit, teacher, pictures: { ...pictures, size } },
  publicSet: encodeLabelledSet(set),
});
const shipped = { kind: "shipped", checkpoint: "emoji-style" } as const;
const open = (task: ReturnType<typeof sourceOf>, environment = {}) =>
  createTeacher({ task, threads: 1 }, environment);

teacherContract("the teacher of a task", () => open(sourceOf(shipped)));

it("paints a task's prompts, has no judge, and paints only what is to be seen", async () => {
  const teacher = await startTeacherProcess({ task: sourceOf(shipped), threads: 1 });
  onTestFinished(() => teacher.close());
  const { prompts, captions, labels, images } = teacher.publicSet;
  expect(prompts.slice(0, 3)).toEqual(["red small apple", "red small pear", "red big apple"]);
  expect(captions[2]).toBe("red big pippin");
  expect(labels).toEqual(Array.from({ length: 12 }, (_, row) => row % 2));
  expect(images).toEqual(fruitSet(6, 32).images);
  const request = { prompts, labels, seed: 1, steps: 2, guidance: 2 };
  expect(await teacher.evaluate(request)).toEqual({});
  const seen = await teacher.evaluate({ ...request, show: 2 });
  expect(Object.keys(seen)).toEqual(["shown"]);
  expect(seen.shown?.shape).toEqual([2, 32, 32, 3]);
}, 60_000);

it("takes a folder as it is, and refuses one that is none", async () => {
  const teacher = await open(sourceOf({ kind: "folder", path: "public/teacher/emoji-style" }));
  expect(teacher.imageSize).toBe(32);
  await teacher.close();
  await expect(open(sourceOf({ kind: "folder", path: "no/such/folder" }))).rejects.toThrow(
    /no\/such\/folder/,
  );
});

it("asks an images API for pictures of the task's size, and says so where there is none", async () => {
  const red = await colourPicture("red").png().toBuffer();
  const key = "sk-test-0123456789";
  const api = await startImagesApi({ key, later: (response) => sendPicture(response, red) });
  onTestFinished(() => api.close());
  const environment = {
    TANDEM_TEACHER_URL: api.baseUrl,
    TANDEM_TEACHER_MODEL: "painter-1",
    TANDEM_TEACHER_KEY: key,
  };
  const source = sourceOf({ kind: "remote" }, fruitSet(2, 28), 28);
  const teacher = await open(source, environment);
  const painted = await teacher.generate({ prompts: ["pear"], seed: 1, steps: 1, guidance: 1 });
  expect(painted.shape).toEqual([1, 28, 28, 3]);
  await teacher.close();
  await expect(open(source)).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringMatching(/TANDEM_TEACHER_URL/),
  });
});

it("refuses what cannot paint for a task, with the way out, over the process too", async () => {
  const wrong = sourceOf(shipped, fruitSet(2, 28), 28);
  const started = startTeacherProcess({ task: wrong, threads: 1 });
  await expect(started).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringMatching(/paints 32 x 32 pixels, and .* have 28 x 28: choose another/),
  });
  const { images: _, present: __, ...texts } = fruitSet(2, 32);
  await expect(open(sourceOf(shipped, texts))).rejects.toThrow(/has no picture: .* add them/);
  await expect(open(sourceOf({ kind: "none" }))).rejects.toMatchObject({ code: "not-supported" });
  await expect(open(sourceOf({ kind: "trained" }))).rejects.toMatchObject({ code: "bad-config" });
}, 30_000);

it("sees from the configuration what cannot paint for a task", async () => {
  const check = (teacher: TaskTeacher, size: 28 | 32 = 32) =>
    checkTeacher(sourceOf(teacher, fruitSet(1), size).task, {});
  await check({ kind: "none" });
  await check(shipped);
  await check({ kind: "folder", path: resolve("public/teacher/emoji-style") });
  const refusals: readonly (readonly [TaskTeacher, RegExp])[] = [
    [shipped, /^teacher: it paints 32 x 32 pixels.* 28 x 28/],
    [{ kind: "shipped", checkpoint: "none" }, /no base none: use one of .*emoji-style/],
    [{ kind: "folder", path: "public/teacher/emoji-style" }, /write the whole path/],
    [{ kind: "folder", path: "/nowhere" }, /^teacher: .*\/nowhere/],
    [{ kind: "folder", path: resolve("packages") }, /^teacher: /],
    [{ kind: "remote" }, /TANDEM_TEACHER_URL/],
    [{ kind: "trained" }, /has no base of its own yet: .* train one from the public set/],
  ];
  for (const [teacher, message] of refusals) {
    await expect(check(teacher, 28)).rejects.toThrow(message);
    await expect(check(teacher, 28)).rejects.toMatchObject({
      code: expect.stringMatching(/bad-config|not-supported/),
    });
  }
});

import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import {
  colourPicture,
  type ImagesApi,
  sendPicture,
  startImagesApi,
} from "@tandem/diffusion/testing/images-api";
import { afterAll, expect, it } from "vitest";
import { remotePainter } from "./remote";
import { createTeacher } from "./teacher";

const key = "sk-test-0123456789";

/** A teacher whose images API paints red alone. */
async function openRemote() {
  await buildEmojiStyle();
  const red = await colourPicture("red").png().toBuffer();
  const api = await startImagesApi({ key, later: (response) => sendPicture(response, red) });
  apis.push(api);
  const teacher = await createTeacher(
    { threads: 1 },
    {
      TANDEM_TEACHER_URL: api.baseUrl,
      TANDEM_TEACHER_MODEL: "painter-1",
      TANDEM_TEACHER_KEY: key,
      TANDEM_TEACHER_SIZE: "512",
    },
  );
  return { api, teacher };
}
const apis: ImagesApi[] = [];
afterAll(() => Promise.all(apis.map((api) => api.close())));

it("an environment that names no remote teacher gives none", () => {
  expect(remotePainter({}, 32)).toBeUndefined();
  expect(remotePainter({ TANDEM_TEACHER_URL: "", TANDEM_TEACHER_KEY: "" }, 32)).toBeUndefined();
});

it("half of one is refused by the names that are missing, never with the key", () => {
  const refusal = (environment: Readonly<Record<string, string>>) => {
    try {
      remotePainter(environment, 32);
    } catch (error) {
      return error;
    }
  };
  expect(refusal({ TANDEM_TEACHER_KEY: key })).toMatchObject({
    code: "bad-config",
    message:
      "TANDEM_TEACHER_KEY without TANDEM_TEACHER_URL and TANDEM_TEACHER_MODEL: a remote teacher needs all three; unset them for the model folder.",
  });
  expect(
    refusal({
      TANDEM_TEACHER_URL: "127.0.0.1",
      TANDEM_TEACHER_MODEL: "painter-1",
      TANDEM_TEACHER_KEY: key,
    }),
  ).toMatchObject({ code: "bad-config", message: expect.stringContaining("baseUrl") });
  const whole = {
    TANDEM_TEACHER_URL: "http://127.0.0.1:1/v1",
    TANDEM_TEACHER_MODEL: "painter-1",
    TANDEM_TEACHER_KEY: key,
  };
  for (const [size, part] of [
    ["wide", "TANDEM_TEACHER_SIZE"],
    ["0x200", "TANDEM_TEACHER_SIZE"],
    ["512.5", "requestSize"],
  ])
    expect(refusal({ ...whole, TANDEM_TEACHER_SIZE: size })).toMatchObject({
      code: "bad-config",
      message: expect.stringContaining(part),
    });
});

it("a teacher at an images API paints and is scored in the data set's size, and does not learn", async () => {
  const { api, teacher } = await openRemote();
  const sampling = { seed: 1, steps: 1, guidance: 1 };
  const images = await teacher.generate({ prompts: ["food: red apple"], ...sampling });
  expect(images.shape).toEqual([1, teacher.imageSize, teacher.imageSize, 3]);
  expect([...images.data.subarray(0, 3)]).toEqual([255, 0, 0]);
  const prompts = teacher.publicSet.prompts.slice(0, 4);
  const labels = teacher.publicSet.labels.slice(0, 4);
  const { scores } = await teacher.evaluate({ prompts, labels, ...sampling });
  expect(scores?.frechet).toBeGreaterThan(0);
  expect(new Set(api.requests.slice(1).map(({ body }) => body?.prompt))).toEqual(new Set(prompts));
  expect(api.requests.map(({ body }) => body?.size)).toEqual(Array(5).fill("512x512"));
  expect(teacher.abilities).toEqual({ finetune: false, repeat: false });
  await teacher.close();
});

teacherContract("a teacher at an images API", async () => (await openRemote()).teacher);

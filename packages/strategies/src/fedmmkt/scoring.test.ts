import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest } from "@tandem/core/teacher";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { noScores } from "../testing/no-scores";
import { fedmmktConfig } from "./config";
import { scoreBase, scoreTeacher } from "./scoring";

it("is of the same prompts and noise in every round, of all classes alike, by base and adapter", async () => {
  const asked: EvaluateRequest[] = [];
  const env = (round: number) =>
    ({
      round,
      classes: ["dog", "cat", "none"],
      rng: createRng(`scoring/${round}`),
      teacher: {
        publicSet: { prompts: ["dog", "big dog", "cat"], labels: [0, 0, 1] },
        async evaluate(request: EvaluateRequest) {
          asked.push(request);
          return { ...noScores, promptAccuracy: 0.5, parts: { noto: 0.25 } };
        },
      },
    }) as unknown as ServerEnv; // what scoring asks of a teacher
  const config = fedmmktConfig.parse({ evaluationItems: 8 });
  const metrics = await scoreBase(config, env(1), {});
  expect(metrics).toMatchObject({
    "teacher/basePromptAccuracy": 0.5,
    "teacher/basePart/noto": 0.25,
  });
  const adapter = { a: f32([1], [1]) };
  await scoreTeacher(config, {}, env(1), {});
  await scoreTeacher(config, adapter, env(2), {});
  const [base] = asked;
  const dogs = ["dog", "big dog", "dog", "big dog"];
  expect(base.prompts).toEqual(dogs.flatMap((dog) => [dog, "cat"]));
  expect(base.labels).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  expect(asked.slice(1)).toEqual([base, { ...base, adapter }]);
});

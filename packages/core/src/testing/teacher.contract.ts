import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FinetuneRequest, TaskOptions, Teacher } from "../teacher";
import { type Arrays, f32, takeRows, u8 } from "../tensor";

/**
 * What every teacher must do; `open` gives one, which is closed. A teacher without public samples is
 * none, and refuses each job with `not-supported`.
 */
export function teacherContract(name: string, open: () => Promise<Teacher>): void {
  describe(`${name} as a teacher`, { timeout: 120_000 }, () => {
    let teacher: Teacher;
    let student: Arrays | undefined;
    beforeAll(async () => {
      teacher = await open();
    }, 180_000);
    afterAll(() => teacher?.close());

    const learned = async () => {
      student ??= (await teacher.distil({ epochs: 1, learningRate: 1e-3, seed: 1 })).student;
      return student;
    };
    const works = (job: keyof Jobs, what: string, check: () => Promise<void>) =>
      it(`${job} ${what}`, async () => {
        if (teacher.publicSet.prompts.length > 0) return check();
        await expect(jobsOf(teacher, {})[job]()).rejects.toMatchObject({ code: "not-supported" });
      });

    it("has a picture, a prompt, a caption and a label of each public sample", () => {
      const { publicSet, imageSize } = teacher;
      const { images, prompts, captions, labels } = publicSet;
      expect(images.dtype).toBe("u8");
      expect(images.shape).toEqual([prompts.length, imageSize, imageSize, 3]);
      expect(images.data.length).toBe(prompts.length * imageSize * imageSize * 3);
      expect([captions.length, labels.length]).toEqual([prompts.length, prompts.length]);
      expect(labels.filter((label) => !(Number.isInteger(label) && label >= 0))).toEqual([]);
    });

    works(
      "generate",
      "paints a picture a prompt, and the same again if it can repeat",
      async () => {
        const { imageSize, abilities } = teacher;
        const request = paintingOf(teacher);
        const reported: number[] = [];
        const progress = (fraction: number) => reported.push(fraction);
        const images = await teacher.generate(request, { progress });
        expect(images.dtype).toBe("u8");
        expect(images.shape).toEqual([painted, imageSize, imageSize, 3]);
        expect(images.data.constructor).toBe(Uint8Array);
        expect(images.data.length).toBe(painted * imageSize * imageSize * 3);
        expect(reported).toEqual([...reported].sort((a, b) => a - b));
        expect(reported.at(-1)).toBe(1);
        const none = await teacher.generate({ ...request, prompts: [] });
        expect(none.shape).toEqual([0, imageSize, imageSize, 3]);
        if (!abilities.repeat) return;
        expect((await teacher.generate(request)).data).toEqual(images.data);
        expect((await teacher.generate({ ...request, seed: 2 })).data).not.toEqual(images.data);
      },
    );

    works("generate", "refuses an adapter and given noise, or paints with them", async () => {
      const { finetune, noiseShape } = teacher.abilities;
      const request = paintingOf(teacher);
      const refusal = { code: "not-supported" };
      if (!finetune)
        await expect(
          teacher.generate({ ...request, adapter: { a: f32([1], [1]) } }),
        ).rejects.toMatchObject(refusal);
      const shape = [painted, ...(noiseShape ?? [1])];
      const count = shape.reduce((a, b) => a * b);
      const noise = f32(
        shape,
        Array.from({ length: count }, (_, i) => Math.sin((i + 1) ** 2)),
      );
      const painting = teacher.generate({ ...request, noise });
      if (noiseShape) expect((await painting).shape[0]).toBe(painted);
      else await expect(painting).rejects.toMatchObject(refusal);
    });

    works("finetune", "gives an adapter that changes what is painted, or refuses", async () => {
      const lesson = lessonOf(teacher);
      if (!teacher.abilities.finetune) {
        await expect(teacher.finetune(lesson)).rejects.toMatchObject({ code: "not-supported" });
        return;
      }
      const { adapter, losses } = await teacher.finetune(lesson);
      expect(losses).toHaveLength(lesson.steps);
      expect(losses.filter((loss) => !Number.isFinite(loss))).toEqual([]);
      expectFinite(adapter);
      const request = paintingOf(teacher);
      const tuned = await teacher.generate({ ...request, adapter });
      expect(tuned.data).not.toEqual((await teacher.generate(request)).data);
      const replay = { share: 0.5, rows: [teacher.publicSet.prompts.length] };
      await expect(teacher.finetune({ ...lesson, replay })).rejects.toMatchObject({
        code: "bad-data",
      });
    });

    works("distil", "teaches a student, and the same again if it can repeat", async () => {
      const request = { epochs: 1, learningRate: 1e-3, seed: 1 };
      const first = await teacher.distil(request);
      student = first.student;
      expectFinite(student);
      expect(first.loss).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(first.loss)).toBe(true);
      if (teacher.abilities.repeat)
        expect((await teacher.distil(request)).student).toEqual(student);
      const later = await teacher.distil({ ...request, student });
      expect(Object.keys(later.student).sort()).toEqual(Object.keys(student).sort());
    });

    works("encode", "describes what it is asked for in unit rows and finite logits", async () => {
      const own = await learned();
      const { images, captions, labels } = shown(teacher);
      const both = await teacher.encode({ student: own, images, captions });
      for (const { z, logits } of [both.image, both.text].map(asked)) {
        expect(z.shape).toEqual([painted, teacher.dimension]);
        for (let row = 0; row < painted; row++)
          expect(Math.hypot(...takeRows(z, [row]).data)).toBeCloseTo(1, 4);
        expect(logits.shape[0]).toBe(painted);
        expect(logits.shape[1]).toBeGreaterThan(Math.max(...labels));
        expectFinite({ logits });
      }
      const alone = await teacher.encode({ student: own, captions: captions.slice(1, 2) });
      expect(alone.image).toBeUndefined();
      const [row, same] = [takeRows(asked(both.text).logits, [1]), asked(alone.text).logits];
      same.data.forEach((value, i) => {
        expect(value).toBeCloseTo(row.data[i], 3);
      });
    });

    works("distil", "learns from knowledge of its pictures", async () => {
      const own = await learned();
      const { images, captions } = shown(teacher);
      const { image, text } = await teacher.encode({ student: own, images, captions });
      const { z, logits } = asked(image);
      const [, classes] = logits.shape;
      const knowledge = {
        images,
        captions,
        imageTarget: z,
        textTarget: asked(text).z,
        probabilities: f32(logits.shape, new Float32Array(logits.data.length).fill(1 / classes)),
        weights: captions.map(() => 1),
      };
      const request = { student: own, knowledge, epochs: 1, learningRate: 1e-3, seed: 2 };
      const taught = await teacher.distil(request);
      expectFinite(taught.student);
      expect(Number.isFinite(taught.loss)).toBe(true);
    });

    works("evaluate", "gives scores that are finite and in their range, or none", async () => {
      const { scores } = await teacher.evaluate(evaluationOf(teacher));
      if (!scores) return;
      const { parts, realParts, partAccuracies, frechet, diversity, ...shares } = scores;
      expect(Object.keys(shares).sort()).toEqual(
        "precision promptAccuracy realAccuracy recall secondPromptAccuracy secondRealAccuracy".split(
          " ",
        ),
      );
      for (const [name, share] of Object.entries({ ...shares, ...partAccuracies })) {
        expect(share, name).toBeGreaterThanOrEqual(0);
        expect(share, name).toBeLessThanOrEqual(1);
      }
      expect(frechet).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(frechet)).toBe(true);
      expect(diversity).toBeGreaterThanOrEqual(0);
      expect(diversity).toBeLessThanOrEqual(2);
      expect(Object.keys(parts ?? {})).toEqual(Object.keys(realParts ?? {}));
      expect(Object.keys(parts ?? {})).toEqual(
        expect.arrayContaining(Object.keys(partAccuracies ?? {})),
      );
      for (const of of [parts, realParts])
        if (of) expect(Object.values(of).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    });

    works("evaluate", "shows as many of the first pictures as it is asked for", async () => {
      const { shown: pictures } = await teacher.evaluate({ ...evaluationOf(teacher), show: 2 });
      expect(pictures?.shape).toEqual([2, teacher.imageSize, teacher.imageSize, 3]);
      if (teacher.abilities.repeat)
        expect(pictures).toEqual(takeRows(await teacher.generate(paintingOf(teacher)), [0, 1]));
    });

    for (const job of jobNames)
      works(job, "is cancelled, before it begins and under way", async () => {
        if (job === "finetune" && !teacher.abilities.finetune) return;
        const run = jobsOf(teacher, await learned(), 20)[job];
        const cancelled = { code: "cancelled" };
        await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
        const abort = new AbortController();
        let isUnderWay = false;
        const error = await run({
          signal: abort.signal,
          progress(fraction) {
            isUnderWay ||= fraction < 1;
            abort.abort();
          },
        }).then(
          () => undefined,
          (error: unknown) => error,
        );
        // What has told of no progress could not be cancelled under way.
        if (isUnderWay) expect(error).toMatchObject(cancelled);
        else expect(error).toBeUndefined();
      });

    for (const job of jobNames)
      works(job, "is refused once it is closed, which it can be twice", async () => {
        await teacher.close();
        await expect(teacher.close()).resolves.toBeUndefined();
        await expect(jobsOf(teacher, student ?? {})[job]()).rejects.toMatchObject({
          code: "unavailable",
        });
      });
  });
}

const painted = 4;
const jobNames = ["generate", "finetune", "encode", "distil", "evaluate"] as const;
type Jobs = Readonly<Record<(typeof jobNames)[number], (task?: TaskOptions) => Promise<unknown>>>;

/** Each job, as short as it can be or so many times as long. */
const jobsOf = (teacher: Teacher, student: Arrays, times = 1): Jobs => ({
  generate: (task) => teacher.generate(paintingOf(teacher, times), task),
  finetune: (task) => teacher.finetune(lessonOf(teacher, times), task),
  encode: (task) => teacher.encode({ student, captions: shown(teacher).captions }, task),
  distil: (task) => teacher.distil({ epochs: times, learningRate: 1e-3, seed: 1 }, task),
  evaluate: (task) => teacher.evaluate(evaluationOf(teacher, times), task),
});

/** The first public samples. */
function shown({ publicSet }: Teacher) {
  const { prompts, captions, labels, images } = publicSet;
  const rows = prompts.slice(0, painted).map((_, row) => row);
  return {
    images: takeRows(images, rows),
    prompts: rows.map((row) => prompts[row]),
    captions: rows.map((row) => captions[row]),
    labels: rows.map((row) => labels[row]),
  };
}

const paintingOf = (teacher: Teacher, times = 1) => ({
  prompts: shown(teacher).prompts,
  seed: 1,
  steps: 2 * times,
  guidance: 2,
});

const evaluationOf = (teacher: Teacher, times = 1) => ({
  ...paintingOf(teacher, times),
  labels: shown(teacher).labels,
});

function lessonOf(teacher: Teacher, times = 1): FinetuneRequest {
  const { images, prompts } = shown(teacher);
  return {
    rank: 1,
    samples: {
      images: u8(
        images.shape,
        images.data.map((value) => 255 - value),
      ),
      captions: prompts,
      weights: prompts.map(() => 1),
    },
    replay: { share: 0.5, rows: prompts.map((_, row) => row) },
    steps: 2 * times,
    batchSize: 2,
    learningRate: 0.03,
    seed: 1,
  };
}

function asked<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("what was asked for is missing");
  return value;
}

function expectFinite(arrays: Arrays): void {
  expect(Object.keys(arrays).length).toBeGreaterThan(0);
  for (const [name, { data }] of Object.entries(arrays))
    expect(Array.from<number>(data).every(Number.isFinite), name).toBe(true);
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import { adapterZip } from "@tandem/diffusion/lora/adapter-zip";
import { readPeft } from "@tandem/diffusion/lora/peft";
import { adapterFor, small } from "@tandem/diffusion/testing/random-adapter";
import { createTeacher } from "@tandem/teacher/teacher";
import { afterAll, beforeAll, expect, it } from "vitest";
import { taught, taughtBy } from "./taught-teacher";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-taught-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("a teacher with what a run has left paints as it did at that run's end", async () => {
  await buildEmojiStyle();
  const teacher = await createTeacher({ threads: 1 });
  try {
    const { images, prompts } = teacher.publicSet;
    const { adapter } = await teacher.finetune({
      rank: 2,
      samples: { images, captions: prompts, weights: prompts.map(() => 1) },
      replay: { share: 0, rows: [] },
      steps: 2,
      batchSize: 2,
      learningRate: 0.01,
      seed: 1,
    });
    const path = join(folder, "adapter.zip");
    await writeFile(path, adapterZip(readPeft(adapter)));

    const asked = { prompts: prompts.slice(0, 2), seed: 3, steps: 2, guidance: 1 };
    const painted = await taught(teacher, await taughtBy(path)).generate(asked);
    expect(painted).toEqual(await teacher.generate({ ...asked, adapter }));
    expect(painted).not.toEqual(await teacher.generate(asked));
  } finally {
    await teacher.close();
  }
}, 120_000);

it("an adapter of another scale is refused, not painted with at the wrong one", async () => {
  const path = join(folder, "scaled.zip");
  await writeFile(path, adapterZip(adapterFor(small, { rank: 2, alpha: 3 })));
  await expect(taughtBy(path)).rejects.toThrow(/scaled\.zip: .* has alpha 3 and rank 2/);
});

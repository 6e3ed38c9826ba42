import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import { loadModel } from "@tandem/diffusion/diffusion-model";
import { loadDistilled } from "@tandem/diffusion/painters/distilled";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { teacherCommand } from "./command";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-bases-"));
  await buildEmojiStyle();
}, 180_000);
afterAll(() => rm(directory, { recursive: true }));

/** What a command prints. */
async function printed(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await teacherCommand().parseAsync(args, { from: "user" });
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

it("a base is trained, distilled where it will be found, and scored", async () => {
  const base = join(directory, "base");
  const short = ["--steps", "1", "--batch", "1", "--threads", "1"];
  expect(await printed("pretrain", ...short, "--out", base)).toContain(`model in ${base}`);
  expect((await loadModel(base)).size).toEqual([32, 32]);
  const distil = ["--model", base, "--sampling-steps", "1", "--guidance", "3"];
  await printed("distil", ...distil, ...short, "--out", join(base, "distilled"));
  expect(await loadDistilled(base)).toMatchObject({ steps: 1, guidance: 3 });
  expect(JSON.parse(await readFile(join(base, "distilled/run.json"), "utf8"))).toMatchObject({
    step: 1,
    model: base,
    samplingSteps: 1,
  });

  const few = ["--per-class", "1", "--steps", "1", "--guidance", "2"];
  const [head, line, ...others] = (await printed("score", "--checkpoint", base, ...few)).split(
    "\n",
  );
  expect(others).toEqual([]);
  expect(line.split("\t").length).toBe(head.split("\t").length);
  expect(line.split("\t").slice(0, 4)).toEqual([base, "1", "1", "2"]);
}, 180_000);

it.each([
  ["pretrain", "--steps", "x"],
  ["pretrain", "--caption-noise", "x"],
  ["distil", "--guidance", "x"],
  ["score", "--steps", "x", "--checkpoint", "a"],
  ["evaluator", "--of", "x"],
])("%s %s: what cannot be read is named before anything is done", async (name, ...args) => {
  const command = teacherCommand().commands.find((one) => one.name() === name);
  command?.exitOverride().configureOutput({ writeErr: () => {} });
  await expect(command?.parseAsync(args, { from: "user" })).rejects.toThrow(/["']x["']/);
});

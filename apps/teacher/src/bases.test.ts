import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadPainter } from "@tandem/diffusion/painters/painter";
import { describe, expect, it } from "vitest";
import { baseTexts, shippedFolder as folder, teachersOf } from "./shipped-bases";

it("every base has words for who chooses one, and the size that it paints", async () => {
  const { shipped, remote } = await teachersOf({});
  expect(shipped.map(({ name }) => name)).toEqual(Object.keys(baseTexts).sort());
  expect(shipped.find(({ name }) => name === "fmnist")?.size).toEqual([16, 16]);
  expect(remote).toBe(false);
});

async function weightBytes(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const own = names.filter((name) => name.endsWith(".safetensors") && !/^distilled/.test(name));
  const sizes = await Promise.all(
    own.map(async (name) => (await stat(join(directory, name))).size),
  );
  return sizes.reduce((a, b) => a + b, 0);
}

describe.each(await readdir(folder))("the base %s", (name) => {
  const directory = join(folder, name);

  it("is small, and its card says how it was made and of what", async () => {
    const bytes = await weightBytes(directory);
    expect(bytes).toBeGreaterThan(1e6);
    expect(bytes).toBeLessThan(12e6);
    const card = await readFile(join(directory, "README.md"), "utf8");
    for (const needed of ["npm run pretrain", "samples.png", "icence", "training.jsonl"])
      expect(card).toContain(needed);
    const log = await readFile(join(directory, "training.jsonl"), "utf8");
    const losses = log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it("paints what differs by prompt and by seed, the same again for the same", async () => {
    const painter = await loadPainter({ directory, threads: 1 });
    const paint = async (prompt: string, seed: number) =>
      (await painter.generate({ prompts: [prompt], seed, steps: 8, guidance: 2 })).data;
    const first = await paint("a light wide boot", 1);
    expect(await paint("a light wide boot", 1)).toEqual(first);
    expect(await paint("a dark narrow dress", 1)).not.toEqual(first);
    expect(await paint("a light wide boot", 2)).not.toEqual(first);
    const shades = new Set(first);
    expect(shades.size).toBeGreaterThan(16); // neither black nor noise that was clipped
    await painter.close();
  });
});

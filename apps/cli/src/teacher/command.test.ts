import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { u8 } from "@tandem/core/tensor";
import { readAdapter } from "@tandem/diffusion/lora/adapter-files";
import { writeRandomFolder } from "@tandem/diffusion/testing/random-folder";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { teacherCommand } from "./command";
import { readPictures, writePictures } from "./pictures";

let directory = "";
const at = (...path: string[]) => join(directory, ...path);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-teacher-"));
  await writeRandomFolder(at("model"));
  await mkdir(at("images"));
  for (const [name, colour] of [
    ["red", [220, 30, 30]],
    ["blue", [30, 30, 220]],
  ] as const) {
    const data = Uint8Array.from({ length: 48 * 64 * 3 }, (_, i) => colour[i % 3]);
    await writePictures(at("images", `${name}.png`), u8([1, 48, 64, 3], data));
    // Of 77 tokens begin, end, and two that "bed" has.
    const more = name === "red" ? "" : ` ${"red ".repeat(72)}end`;
    await writeFile(at("images", `${name}.txt`), `${name} bed${more}\n`);
  }
});
afterAll(() => rm(directory, { recursive: true }));

const run = (...args: string[]) => teacherCommand().parseAsync(args, { from: "user" });
const generate = (out: string, ...more: string[]) =>
  run(
    "generate",
    ...["--model", at("model"), "--prompt", "red", "--steps", "2", "--out", at(out)],
    ...more,
  );
const finetune = (out: string, ...more: string[]) =>
  run(
    "finetune",
    ...["--model", at("model"), "--images", at("images"), "--out", at(out)],
    ...["--lr", "0.01", "--batch", "2", "--steps", "2", "--alpha", "8", "--min-snr", "5"],
    ...more,
  );

describe("npm run teacher", () => {
  it("generate paints a file; finetune writes an adapter that changes it", async () => {
    await generate("plain.png");
    await finetune("adapter");
    const config = JSON.parse(await readFile(at("adapter", "adapter_config.json"), "utf8"));
    expect(config).toMatchObject({
      peft_type: "LORA",
      r: 4,
      lora_alpha: 8,
      target_modules: ["to_q", "to_k", "to_v", "to_out.0"],
      base_model_name_or_path: at("model"),
    });
    const adapter = await readAdapter(at("adapter"));
    // 16 transformers in the U-Net of SD 1.x, 2 attentions each, 4 projections.
    expect(adapter.size).toBe(16 * 2 * 4);
    await generate("adapted.png", "--adapter", at("adapter"));
    const plain = await readFile(at("plain.png"));
    expect(plain.equals(await readFile(at("adapted.png")))).toBe(false);
  });

  it("Ctrl-C saves, and --resume ends where the whole run above ended", async () => {
    let said = "";
    const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      said += text;
      if (String(text).includes("step 1 of")) process.emit("SIGINT");
      return true;
    });
    await finetune("parts");
    write.mockRestore();
    expect(said).toMatch(/images: 2 pictures read\n/);
    expect(said).toMatch(/note: "blue bed .* is longer than 77 tokens; left out: "end"\n/);
    expect(process.exitCode).toBe(130);
    process.exitCode = undefined;
    const state = at("parts", "training-state.safetensors");
    expect((await stat(state)).size).toBeGreaterThan(1000);
    await finetune("parts", "--resume");
    await expect(stat(state)).rejects.toThrow();
    const file = "pytorch_lora_weights.safetensors";
    expect((await readFile(at("parts", file))).equals(await readFile(at("adapter", file)))).toBe(
      true,
    );
  });

  it("generate paints the prompts of a file side by side, each as it would alone", async () => {
    const lines = Buffer.from("\ufeffred\r\n\r\nred\r\nblue\r\n", "utf16le");
    await writeFile(at("prompts.txt"), lines);
    const model = ["--model", at("model"), "--steps", "1", "--size", "32"];
    await run("generate", ...model, "--prompts", at("prompts.txt"), "--out", at("sheet.png"));
    const write = vi.spyOn(process.stderr, "write");
    await run("generate", ...model, "--prompt", "red", "--out", at("alone.png"));
    await run("generate", ...model, "--prompt", `${"red ".repeat(75)}end`, "--out", at("x.png"));
    const notes = write.mock.calls
      .map(([text]) => String(text))
      .filter((text) => /^note/.test(text));
    write.mockRestore();
    // Each command says once which sampler stands in, and the second what it has cut.
    const standsIn = expect.stringContaining("DPMSolverMultistepScheduler samples in its place");
    expect(notes).toEqual([standsIn, standsIn, expect.stringContaining('left out: "end"')]);
    const sheet = sharp(at("sheet.png"));
    expect(await sheet.metadata()).toMatchObject({ width: 64, height: 64 });
    const first = await sheet.extract({ left: 0, top: 0, width: 32, height: 32 }).raw().toBuffer();
    expect(first.equals(await sharp(at("alone.png")).raw().toBuffer())).toBe(true);
    await expect(run("generate", ...model, "--out", at("x.png"))).rejects.toThrow(/--prompts FILE/);
  });

  it("says what is wrong and the way out", async () => {
    await expect(generate("x.png", "--adapter", at("nowhere"))).rejects.toThrow(/no adapter at/);
    await expect(
      run("generate", "--model", at("images"), "--prompt", "a", "--out", at("x.png")),
    ).rejects.toThrow(/is no diffusers folder: it has no model_index\.json/);
    await expect(finetune("x", "--targets", "to_z")).rejects.toThrow(/LoRA targets/);
    await mkdir(at("bare"));
    await writePictures(at("bare", "a.png"), u8([1, 1, 1, 3], [1, 2, 3]));
    await expect(readPictures(at("bare"), [8, 8])).rejects.toThrow(/a\.png has no caption: write/);
    await writeFile(at("bare", "metadata.jsonl"), '{"file_name": "a.png"}\n');
    await expect(readPictures(at("bare"), [8, 8])).rejects.toThrow(/line 1: "text" .* is missing/);
  });

  it.each([
    ["--alpha", "0"],
    ["--alpha", "-1"],
    ["--targets", "to_q,,"],
    ["--targets", ""],
  ])('finetune %s "%s" is refused with what was given', async (option, value) => {
    const command = teacherCommand().commands.find((one) => one.name() === "finetune");
    command?.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(command?.parseAsync([option, value], { from: "user" })).rejects.toThrow(
      new RegExp(`'${option} <\\w+>' argument '${value}' is invalid`),
    );
  });

  it("captions come from metadata.jsonl, pictures in the size that was asked for", async () => {
    await writeFile(at("bare", "metadata.jsonl"), '{"file_name":"a.png","text":"a dot"}\n\n');
    const { images, captions } = await readPictures(at("bare"), [2, 4]);
    expect(captions).toEqual(["a dot"]);
    expect(images.shape).toEqual([1, 2, 4, 3]);
    expect([...images.data.subarray(0, 3)]).toEqual([1, 2, 3]);
  });
});

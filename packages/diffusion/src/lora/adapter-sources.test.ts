import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@tandem/protocol/safetensors";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adapterFor, small } from "../testing/random-adapter";
import { readAdapter } from "./adapter-files";
import { writeKohya } from "./kohya";
import { writePeft } from "./peft";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-lora-"));
});
afterEach(() => rm(directory, { recursive: true }));

const adapter = adapterFor(small, { rank: 2, alpha: 2 });
const weights = encodeSafetensors(writePeft(adapter).arrays);
const kohya = encodeSafetensors(writeKohya(adapter).arrays);
const config = Buffer.from('{"peft_type": "LORA", "r": 2, "lora_alpha": 16}');
type Files = Readonly<Record<string, Uint8Array>>;

async function folder(files: Files): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes);
  return directory;
}
async function zip(files: Files): Promise<string> {
  await writeFile(join(directory, "x.zip"), zipSync(files));
  return join(directory, "x.zip");
}
const alphaOf = async (path: string) => [...(await readAdapter(path)).values()][0].alpha;

describe.each([
  ["a folder", folder],
  ["a zip", zip],
])("the config in %s", (_, pack) => {
  it.each(["adapter_model.safetensors", "pytorch_lora_weights.safetensors", "style.safetensors"])(
    "is of %s",
    async (name) => {
      expect(await alphaOf(await pack({ [name]: weights, "adapter_config.json": config }))).toBe(
        16,
      );
    },
  );

  it.each([
    ["UTF-8 with a mark", Buffer.from(`\ufeff${config}`)],
    ["UTF-16", Buffer.from(`\ufeff${config}`, "utf16le")],
  ])("is read in %s", async (_encoding, bytes) => {
    const files = { "adapter_model.safetensors": weights, "adapter_config.json": bytes };
    expect(await alphaOf(await pack(files))).toBe(16);
  });

  it.each([
    ["[]", /adapter_config.json is not a JSON object/],
    ['{"r": 2, "x": "\xe9"}', /adapter_config.json, line 1: not text/],
  ])("that is none is refused: %s", async (text, reason) => {
    const bytes = Buffer.from(text, "latin1");
    const files = { "adapter_model.safetensors": weights, "adapter_config.json": bytes };
    await expect(readAdapter(await pack(files))).rejects.toThrow(reason);
  });

  it("contradicts kohya's names", async () => {
    const files = { "style.safetensors": kohya, "adapter_config.json": config };
    await expect(readAdapter(await pack(files))).rejects.toThrow(
      /names are kohya's, .* adapter_config.json is PEFT's: remove/,
    );
  });
});

it("a config in the header contradicts kohya's names", async () => {
  const header = { lora_adapter_metadata: '{"r": 2, "init_lora_weights": "pissa"}' };
  const path = await folder({
    "style.safetensors": encodeSafetensors(writeKohya(adapter).arrays, header),
  });
  await expect(readAdapter(path)).rejects.toThrow(/kohya's, .* lora_adapter_metadata is PEFT's/);
});

it("a config is not that of a stranger beside its adapter, and must have one adapter", async () => {
  await folder({ "adapter_model.safetensors": weights, "adapter_config.json": config });
  await folder({ "other.safetensors": weights, "kohya.safetensors": kohya });
  expect(await alphaOf(join(directory, "adapter_model.safetensors"))).toBe(16);
  expect(await alphaOf(join(directory, "other.safetensors"))).toBe(2);
  expect(await alphaOf(join(directory, "kohya.safetensors"))).toBe(2);
  await rm(join(directory, "adapter_model.safetensors"));
  await expect(readAdapter(join(directory, "other.safetensors"))).rejects.toThrow(
    /adapter_config.json may be of any of kohya.safetensors, other.safetensors: give/,
  );
});

describe("a zip", () => {
  const files: Files = { "adapter_model.safetensors": weights, "adapter_config.json": config };
  const under = (prefix: string, more: Files = files): Files =>
    Object.fromEntries(Object.entries(more).map(([name, bytes]) => [prefix + name, bytes]));

  it.each([
    ["of a folder", under("style/")],
    ["of a folder in folders", under("a/b/")],
    ["with Windows' slashes", under("style\\")],
    ["with what macOS adds", { ...under("style/"), ...under("__MACOSX/style/._") }],
    ["beside a text", { ...under("style/"), "read.me": config }],
    ["with older states", { ...under("style/"), ...under("style/checkpoint-5/") }],
  ])("%s is read", async (_, packed) => {
    expect(await alphaOf(await zip(packed))).toBe(16);
  });

  it.each<[string, Files, RegExp]>([
    ["several folders", { ...under("a/"), ...under("b/") }, /x.zip holds adapters in a, b: unpack/],
    [
      "several files",
      under("style/", { "a.safetensors": weights, "b.safetensors": weights }),
      /x.zip\/style holds a.safetensors, b.safetensors: name/,
    ],
    ["a pickle", under("style/", { "a.bin": weights }), /x.zip\/style: a.bin may run code/],
    ["nothing", { "read.me": weights }, /x.zip holds none of/],
  ])("with %s is refused", async (_, packed, reason) => {
    await expect(readAdapter(await zip(packed))).rejects.toThrow(reason);
  });
});

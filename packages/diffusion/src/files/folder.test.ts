import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import { f32, i32 } from "@tandem/core/tensor";
import { encodeHeader } from "@tandem/protocol/safetensors-header";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder, writeFolder } from "./folder";
import { openWeights, writeWeights } from "./sharded-weights";
import {
  castSource,
  openSafetensors,
  readArrays,
  sourceOf,
  type WeightSource,
  writeSafetensors,
} from "./weight-files";

const fixtures = fileURLToPath(new URL("../../fixtures/diffusers/", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-weights-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function using<T>(source: WeightSource, use: (source: WeightSource) => Promise<T>) {
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}
const arrays = {
  "b.weight": f32([2, 3], [1, 2, 3, 4, 5, 6]),
  "a.bias": f32([3], [-1, 0.5, 2]),
  ids: i32([2], [7, 8]),
};

describe("a weight file", () => {
  it("has the safetensors library's order: wide dtypes first, then names", async () => {
    const path = join(directory, "x.safetensors");
    const mixed = { ...arrays, a: { dtype: "f16", shape: [1], data: Uint16Array.of(1) } } as const;
    await writeSafetensors(path, sourceOf(mixed));
    const text = (await readFile(path)).subarray(8).toString("latin1");
    expect(text.slice(0, text.indexOf("}}") + 2)).toBe(
      '{"__metadata__":{"format":"pt"},' +
        '"a.bias":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},' +
        '"b.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[12,36]},' +
        '"ids":{"dtype":"I32","shape":[2],"data_offsets":[36,44]},' +
        '"a":{"dtype":"F16","shape":[1],"data_offsets":[44,46]}}',
    );
  });

  it("of five gigabytes is opened, and read where it is asked, in little memory", async () => {
    const huge = 5 * 2 ** 30;
    const path = join(directory, "huge.safetensors");
    const header = encodeHeader([
      ["huge", { dtype: "U8", shape: [huge] }],
      ["last", { dtype: "F32", shape: [2] }],
    ]);
    const file = await open(path, "w");
    await file.write(header, 0, header.length, 0);
    await file.write(Float32Array.of(1.5, -2), 0, 8, header.length + huge); // sparse in between
    await file.close();
    const before = process.memoryUsage();
    await using(await openSafetensors(path), async (source) => {
      const { bytes } = await source.read("last");
      expect([...new Float32Array(bytes.buffer)]).toEqual([1.5, -2]);
    });
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(50 * 2 ** 20);
  });

  it("is cast to half precision as it is written", async () => {
    const path = join(directory, "half.safetensors");
    await writeSafetensors(path, castSource(sourceOf(arrays), "F16"));
    await using(await openSafetensors(path), async (source) => {
      expect(source.tensors.get("b.weight")?.dtype).toBe("F16");
      expect(source.tensors.get("ids")?.dtype).toBe("I32");
      expect(await readArrays(source)).toEqual(arrays); // all of them are halves exactly
      expect((await readArrays(source, { keepHalf: true }))["a.bias"].dtype).toBe("f16");
    });
  });

  it("is opened, and read but for what nobody wants, whatever dtypes it holds", async () => {
    const path = join(directory, "x.safetensors");
    const header = encodeHeader([
      ["a", { dtype: "F8_E4M3", shape: [2] }],
      ["b", { dtype: "F64", shape: [1] }],
      ["packed", { dtype: "F4", shape: [4] }],
    ]);
    const numbers = new Uint8Array(Float64Array.of(-3).buffer);
    await writeFile(
      path,
      Buffer.concat([header, Uint8Array.of(0x38, 0xc0), numbers, numbers.subarray(0, 2)]),
    );
    await using(await openSafetensors(path), async (source) => {
      const wanted = (name: string) => name !== "packed";
      expect(await readArrays(source, { wanted })).toEqual({
        a: f32([2], [1, -2]),
        b: f32([1], [-3]),
      });
      await expect(readArrays(source)).rejects.toThrow(/"packed" is F4/);
    });
  });

  it("that is a pointer of Git LFS, or a page, says how to get the weights", async () => {
    const path = join(directory, "x.safetensors");
    await writeFile(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    await expect(openSafetensors(path)).rejects.toThrow(/Git LFS pointer.*git lfs pull/);
    await writeFile(path, "<!DOCTYPE html><html></html>");
    await expect(openSafetensors(path)).rejects.toThrow(/web page/);
  });

  it("that is a folder, or nothing, is said to be so", async () => {
    await expect(openSafetensors(directory)).rejects.toThrow(`${directory} is no file: name the`);
    await expect(openSafetensors(join(directory, "no"))).rejects.toThrow(/cannot open .*no$/);
  });

  it("that cannot be written leaves the old one as it was", async () => {
    const path = join(directory, "x.safetensors");
    await writeSafetensors(path, sourceOf(arrays));
    const before = await readFile(path);
    const broken = { ...sourceOf(arrays), read: () => Promise.reject(new Error("disk")) };
    await expect(writeSafetensors(path, broken)).rejects.toThrow("disk");
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(directory)).toEqual(["x.safetensors"]);
  });

  it.each([
    ["no bytes", new Uint8Array(), /too few/],
    ["a header longer than itself", new Uint8Array(16).fill(255), /header of/],
    ["a header that is cut off", encodeHeader([]).subarray(0, 12), /header of/],
    ["a tensor that is cut off", encodeHeader([["a", { dtype: "F32", shape: [9] }]]), /36 bytes/],
  ])("with %s is refused with its path", async (_, bytes, reason) => {
    const path = join(directory, "bad.safetensors");
    await writeFile(path, bytes);
    await expect(openSafetensors(path)).rejects.toThrow(reason);
    await expect(openSafetensors(path)).rejects.toThrow(path);
    await expect(openSafetensors(path)).rejects.toThrow(TandemError);
  });

  it("that is cut off after it was opened is not read as zeros", async () => {
    const path = join(directory, "x.safetensors");
    await writeSafetensors(path, sourceOf(arrays));
    await using(await openSafetensors(path), async (source) => {
      const file = await open(path, "r+");
      await file.truncate(100);
      await file.close();
      await expect(source.read("ids")).rejects.toThrow(/file ends/);
    });
  });
});

describe("sharded weights", () => {
  const write = (maxShardBytes: number, variant?: string) =>
    writeWeights(directory, "model", { source: sourceOf(arrays), maxShardBytes, variant });
  const index = () => join(directory, "model.safetensors.index.json");

  it("are split by size, indexed as Hugging Face does, and read as one", async () => {
    // by file order: a.bias 12 bytes, b.weight 24, ids 8
    expect(await write(30)).toEqual([
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(JSON.parse(await readFile(index(), "utf8"))).toEqual({
      metadata: { total_size: 44 },
      weight_map: {
        "a.bias": "model-00001-of-00003.safetensors",
        "b.weight": "model-00002-of-00003.safetensors",
        ids: "model-00003-of-00003.safetensors",
      },
    });
    expect(await using(await openWeights(directory, ["model"]), readArrays)).toEqual(arrays);
  });

  it("replace what an earlier save left under their name, and nothing else", async () => {
    await write(30);
    await write(30, "fp16");
    await write(1000);
    await writeFile(join(directory, "model-other.safetensors"), "");
    await write(1000);
    expect((await readdir(directory)).filter((file) => !file.includes("fp16"))).toEqual([
      "model-other.safetensors",
      "model.safetensors",
    ]);
    const half = await openWeights(directory, ["model"], { variant: "fp16" });
    expect(await using(half, readArrays)).toEqual(arrays);
  });

  it.each([
    ["leads out of the folder", { "a.bias": "../x.safetensors" }, /not a .safetensors file here/],
    ["names no file", { "a.bias": 3 }, /not a .safetensors file here/],
    ["names a tensor that is nowhere", { more: "model-00001-of-00002.safetensors" }, /"more"/],
    ["puts a tensor elsewhere", { "a.bias": "model-00002-of-00002.safetensors" }, /"a.bias"/],
    ["names a file that is missing", { "a.bias": "gone.safetensors" }, /cannot open/],
  ])("are refused when the index %s", async (_, change, reason) => {
    await write(40);
    const found = JSON.parse(await readFile(index(), "utf8"));
    Object.assign(found.weight_map, { ...change });
    found.weight_map = JSON.parse(JSON.stringify(found.weight_map));
    await writeFile(index(), JSON.stringify(found));
    await expect(openWeights(directory, ["model"])).rejects.toThrow(reason);
  });

  it("have the tensors of their index alone: what else lies in a file is left aside", async () => {
    await write(40); // a.bias and b.weight, then ids
    const found = JSON.parse(await readFile(index(), "utf8"));
    delete found.weight_map["a.bias"];
    await writeFile(index(), JSON.stringify(found));
    await using(await openWeights(directory, ["model"]), async (source) => {
      expect([...source.tensors.keys()].sort()).toEqual(["b.weight", "ids"]);
      expect(source.unlisted).toEqual(["a.bias"]);
    });
  });

  it("are missed with the names looked for and found", async () => {
    await writeFile(join(directory, "model.bin"), "");
    const error =
      /looked for model.safetensors.index.json, model.safetensors; found model.bin \(pi/;
    await expect(openWeights(directory, ["model"])).rejects.toThrow(error);
  });
});

describe("a diffusers folder", () => {
  const scheduler = {
    _class_name: "DDIMScheduler",
    lambda_min_clipped: Number.NEGATIVE_INFINITY,
    note: "\u0000infinity is text",
  };
  async function pipeline(): Promise<string> {
    const folder = join(directory, "pipeline");
    for (const [name, fixture] of [
      ["unet", "unet-sd1"],
      ["vae", "autoencoder-kl"],
      ["text_encoder", "clip-text"],
    ])
      await cp(join(fixtures, fixture), join(folder, name), { recursive: true });
    for (const name of ["unet", "vae", "text_encoder"])
      await rm(join(folder, name, "io.safetensors"));
    await mkdir(join(folder, "tokenizer"));
    await writeFile(join(folder, "tokenizer", "merges.txt"), "a b\n");
    await writeFile(join(folder, "tokenizer", "vocab.json"), "{}");
    await mkdir(join(folder, "scheduler"));
    await writeFile(
      join(folder, "scheduler", "scheduler_config.json"),
      '{"_class_name": "DDIMScheduler", "lambda_min_clipped": -Infinity}',
    );
    const index = {
      _class_name: "StableDiffusionPipeline",
      _diffusers_version: "0.22.0",
      requires_safety_checker: true,
      safety_checker: [null, null],
      scheduler: ["diffusers", "DDIMScheduler"],
      text_encoder: ["transformers", "CLIPTextModel"],
      tokenizer: ["transformers", "CLIPTokenizer"],
      unet: ["diffusers", "UNet2DConditionModel"],
      vae: ["diffusers", "AutoencoderKL"],
    };
    await writeFile(join(folder, "model_index.json"), JSON.stringify(index));
    return folder;
  }

  it("gives each component its class, config and files, and weights when asked", async () => {
    const { className, components, settings } = await openFolder(await pipeline());
    expect(className).toBe("StableDiffusionPipeline");
    expect([...components.keys()].sort()).toEqual([
      "scheduler",
      "text_encoder",
      "tokenizer",
      "unet",
      "vae",
    ]);
    expect(settings.requires_safety_checker).toBe(true);
    expect(components.get("unet")?.config.sample_size).toBe(8);
    expect(components.get("scheduler")?.config.lambda_min_clipped).toBe(Number.NEGATIVE_INFINITY);
    const tokenizer = components.get("tokenizer");
    expect([...(tokenizer?.files.keys() ?? [])]).toEqual(["merges.txt", "vocab.json"]);
    expect(await tokenizer?.files.get("merges.txt")?.()).toBe("a b\n");
    await expect(tokenizer?.openWeights()).rejects.toThrow(/no weights in/);
  });

  it.each([
    ["whole", {}],
    ["in shards of a variant", { maxShardBytes: 100_000, variant: "fp32" }],
  ])("comes back, saved %s, with the same bytes in every tensor", async (_, options) => {
    const source = await openFolder(await pipeline());
    const opened = new Map<string, WeightSource>();
    const contents = new Map();
    for (const [name, component] of source.components) {
      const files = new Map<string, string>();
      for (const [file, read] of component.files) files.set(file, await read());
      const weights = ["unet", "vae", "text_encoder"].includes(name)
        ? await component.openWeights()
        : undefined;
      if (weights) opened.set(name, weights);
      contents.set(name, { ...component, files, ...(weights && { weights }) });
    }
    const copy = join(directory, "copy");
    await writeFolder(copy, { ...source, components: contents }, options);
    const back = await openFolder(copy, options);
    expect(back.className).toBe(source.className);
    expect({ ...back.settings, safety_checker: 0 }).toEqual({
      ...source.settings,
      safety_checker: 0,
    });
    for (const [name, component] of source.components) {
      expect(back.components.get(name)?.config).toEqual(component.config);
      expect(back.components.get(name)?.className).toEqual(component.className);
    }
    for (const [name, weights] of opened) {
      const other = await back.components.get(name)?.openWeights();
      if (!other) throw new Error(`${name} is gone`);
      expect([...other.tensors.keys()].sort()).toEqual([...weights.tensors.keys()].sort());
      for (const tensor of weights.tensors.keys()) {
        const [one, two] = [await other.read(tensor), await weights.read(tensor)];
        expect([one.dtype, one.shape]).toEqual([two.dtype, two.shape]);
        expect(Buffer.compare(one.bytes, two.bytes), tensor).toBe(0);
      }
      await other.close();
      await weights.close();
    }
  });

  it("keeps infinities in configs, as Python has them", async () => {
    const component = { className: "DDIMScheduler", library: "diffusers", config: scheduler };
    const components = new Map([["scheduler", component]]);
    await writeFolder(directory, { className: "X", components });
    const text = await readFile(join(directory, "scheduler", "scheduler_config.json"), "utf8");
    expect(text).toContain('"lambda_min_clipped": -Infinity');
    const { components: back } = await openFolder(directory);
    expect(back.get("scheduler")?.config).toEqual(scheduler);
  });

  it("of one component is read alone", async () => {
    const { components } = await openFolder(join(fixtures, "clip-text"));
    expect(components.get("model")?.className).toBe("CLIPTextModel");
  });

  it("that is none, or lacks a component, is missed by its path", async () => {
    await expect(openFolder(directory)).rejects.toThrow(/is no diffusers folder/);
    const folder = await pipeline();
    await rm(join(folder, "vae"), { recursive: true });
    await expect(openFolder(folder)).rejects.toThrow(/component folder .*vae is missing/);
  });

  it.each([
    ["scheduler", "scheduler_config.json"],
    ["unet", "config.json"],
    ["vae", "config.json"],
    ["text_encoder", "config.json"],
  ])("whose %s lacks its %s takes no defaults, whatever else lies there", async (name, file) => {
    const folder = await pipeline();
    await rm(join(folder, name, file));
    const message = `${join(folder, name)} has no ${file}`;
    await expect(openFolder(folder)).rejects.toThrow(message);
    // not the file of another kind of component either
    const other = file === "config.json" ? "scheduler_config.json" : "config.json";
    await writeFile(join(folder, name, other), "{}");
    await expect(openFolder(folder)).rejects.toThrow(message);
  });

  it("may lack the config of its tokenizer, not all of its files", async () => {
    const folder = await pipeline();
    expect((await openFolder(folder)).components.get("tokenizer")?.config).toEqual({});
    for (const file of ["merges.txt", "vocab.json"]) await rm(join(folder, "tokenizer", file));
    await expect(openFolder(folder)).rejects.toThrow(/tokenizer has no tokenizer_config\.json/);
  });

  it.each([
    ["a component outside", '{"_class_name": "X", "../up": ["a", "b"]}', /cannot be a component/],
    ["no class", "{}", /_class_name is undefined/],
    ["a list", "[]", /not a JSON object/],
    ["no JSON", "{", /is not JSON/],
  ])("with %s in its index is refused", async (_, text, reason) => {
    await writeFile(join(directory, "model_index.json"), text);
    await expect(openFolder(directory)).rejects.toThrow(reason);
  });
});

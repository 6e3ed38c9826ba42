import { readFileSync } from "node:fs";
import { createRng } from "@tandem/core/rng";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { compile, floats, ids, type Values, value } from "@tandem/graph/onnx-session";
import { input, type Tensor } from "@tandem/graph/tensor";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { describe, expect, it } from "vitest";
import { clipText, parseClipText } from "./clip-text";
import { decode, encode, latentShape, parseCodec } from "./codec";
import { componentSpecs } from "./components";
import type { Json } from "./config";
import { initialise } from "./parameters";
import { createSource, type LoraTargets, type Source, within } from "./source";
import { unet } from "./unet";
import { parseUnet } from "./unet-config";
import { componentWeights } from "./weights";

const fixtures = new URL("../../fixtures/diffusers/", import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, fixtures), "utf8"));
const arraysOf = (path: string): Arrays =>
  decodeSafetensors(new Uint8Array(readFileSync(new URL(path, fixtures)))).arrays;
const names = json("stable-diffusion-names.json");
const values = (arrays: Arrays): Values =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [
      name,
      value(Float32Array.from(data), shape),
    ]),
  );

async function run(outputs: Readonly<Record<string, Tensor>>, inputs: Values) {
  const graph = await compile(outputs);
  const results = await graph.run(inputs);
  await graph.release();
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, floats(results[name])]));
}

const rng = createRng("models");
const noise = (...shape: number[]) =>
  value(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
    shape,
  );

describe("names", () => {
  it.each([["unet-sd1.5"], ["unet-sd2.1"], ["vae"]])(
    "%s asks for exactly the published tensors",
    (model) => {
      const { class: type, config, tensors } = names[model];
      const traced = [...componentSpecs({ ...config, _class_name: type })];
      expect(Object.fromEntries(traced.map(([name, { shape }]) => [name, shape]))).toEqual(tensors);
    },
  );

  it("a LoRA on the attention projections of SD 1.5 has the names of PEFT", () => {
    const source = createSource({
      rank: names["lora-sd1.5-attn"].rank,
      targets: (module) => /\.attn[12]\.to_(q|k|v|out\.0)$/.test(module),
    });
    const config = parseUnet(names["unet-sd1.5"].config);
    unet(within(source, "unet."), config, {
      sample: input("sample", [1, 4, 8, 8]),
      timestep: input("timestep", [1]),
      context: input("context", [1, 1, 768]),
    });
    const adapter = [...source.specs.keys()].filter((name) => name.includes(".lora_"));
    expect(adapter.sort()).toEqual([...names["lora-sd1.5-attn"].peft].sort());
  });
});

describe("weights", () => {
  const config = json("autoencoder-kl/config.json");
  const stored = arraysOf("autoencoder-kl/diffusion_pytorch_model.safetensors");

  it("missing and misshapen tensors are listed in one error", () => {
    const { "quant_conv.bias": _, ...rest } = stored;
    const wrong = { ...rest, extra: f32([2], [1, 2]), "encoder.conv_in.bias": f32([2], [1, 2]) };
    expect(() => componentWeights(config, wrong)).toThrow(
      /2 faults.*encoder\.conv_in\.bias is \[2\], not \[8\].*missing quant_conv\.bias \[8\]; not of this class: "extra"$/,
    );
  });

  it("that are not needed are left aside: those of another class still are no weights", () => {
    const more = { ...stored, logit_scale: f32([], [1]), "a.b": f32([2], [1, 2]) };
    expect(componentWeights(config, more)).toEqual(componentWeights(config, stored));
    const text = arraysOf("clip-text/model.safetensors");
    expect(() => componentWeights(config, text)).toThrow(
      new RegExp(
        `^weights do not fit this AutoencoderKL .*missing decoder.*; and \\d+ more; ` +
          `not of this class: ${Object.keys(text).length} tensors, such as "text_model`,
      ),
    );
  });

  it("in whole numbers, as quantised files have them, are not taken for floats", () => {
    const whole = { dtype: "i8", shape: [8], data: new Int8Array(8) } as const;
    expect(() => componentWeights(config, { ...stored, "quant_conv.bias": whole })).toThrow(
      "(1 faults): quant_conv.bias is i8: save it as F32, F16 or BF16",
    );
  });

  it("an autoencoder with the attention names of old files gives the same weights", () => {
    const old = { to_q: "query", to_k: "key", to_v: "value", "to_out.0": "proj_attn" };
    const renamed = Object.fromEntries(
      Object.entries(stored).map(([name, array]) => {
        const found = Object.entries(old).find(([now]) => name.includes(`.attentions.0.${now}.`));
        return [found ? name.replace(found[0], found[1]) : name, array];
      }),
    );
    expect(Object.keys(renamed)).toContain("encoder.mid_block.attentions.0.proj_attn.bias");
    expect(componentWeights(config, renamed)).toEqual(componentWeights(config, stored));
  });

  it("a text encoder may carry position ids and a projection that nothing here uses", () => {
    const text = arraysOf("clip-text/model.safetensors");
    const more = {
      ...text,
      "text_model.embeddings.position_ids": f32([1, 16], new Float32Array(16)),
      "text_projection.weight": f32([24, 24], new Float32Array(576)),
    };
    const plain = json("clip-text/config.json");
    expect(componentWeights(plain, more)).toEqual(componentWeights(plain, text));
  });
});

describe("configs", () => {
  it.each<[Json, RegExp]>([
    [{ resnet_time_scale_shift: "scale_shift" }, /"resnet_time_scale_shift" is "scale_shift"/],
    [{ down_block_types: ["AttnDownBlock2D"] }, /"down_block_types" is \["AttnDownBlock2D"\]/],
    [{ addition_embed_type: "text_time" }, /"addition_embed_type" is "text_time"/],
    [{ class_embed_type: "timestep" }, /"class_embed_type" is "timestep"/],
    [
      { attention_head_dim: [4, 4] },
      /"attention_head_dim" is \[4,4\]; supported: one number, or 3/,
    ],
    [{ norm_num_groups: 7 }, /"norm_num_groups" is 7; supported: a divisor of block_out_channels/],
    [
      { attention_head_dim: 7 },
      /"attention_head_dim" is 7; supported: a divisor of block_out_channels\[\d\] \d+$/,
    ],
  ])("%j is refused by name and value", (change, message) => {
    expect(() => parseUnet({ ...json("unet-sd1/config.json"), ...change })).toThrow(message);
  });

  it("heads and groups divide what they part, which is named", () => {
    const text = json("clip-text/config.json");
    expect(() => parseClipText({ ...text, num_attention_heads: 5 })).toThrow(
      `"num_attention_heads" is 5; supported: a divisor of hidden_size ${text.hidden_size}`,
    );
    const vae = json("autoencoder-kl/config.json");
    expect(() => parseCodec({ ...vae, norm_num_groups: 7 })).toThrow(
      `"norm_num_groups" is 7; supported: a divisor of block_out_channels ${vae.block_out_channels.join(", ")}`,
    );
    // heads of blocks that do not attend part nothing
    const unet = json("unet-sd1/config.json");
    const config = {
      ...unet,
      block_out_channels: unet.block_out_channels.slice(0, 2),
      down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
      up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
      attention_head_dim: [7, 1],
    };
    expect(parseUnet(config).heads).toEqual([7, 1]);
  });

  it("a size that the codec cannot part is told with its multiple", () => {
    const codec = parseCodec(json("autoencoder-kl/config.json"));
    const factor = 2 ** (json("autoencoder-kl/config.json").block_out_channels.length - 1);
    const side = 10 * factor + 1;
    expect(() => latentShape(codec, [factor, side])).toThrow(
      `pictures of ${factor} x ${side} pixels: ${side} is no multiple of ${factor}, as ${10 * factor} is`,
    );
  });
});

describe("U-Net", () => {
  const config = parseUnet(json("unet-sd1/config.json"));
  const weights = values(
    componentWeights(
      json("unet-sd1/config.json"),
      arraysOf("unet-sd1/diffusion_pytorch_model.safetensors"),
    ),
  );
  const trace = (p: Source, side: number, maxScoreBytes?: number) =>
    unet(
      p,
      config,
      {
        sample: input("sample", [1, 4, side, side]),
        timestep: input("timestep", [1]),
        context: input("context", [1, 7, 24]),
      },
      maxScoreBytes ? { maxScoreBytes } : {},
    );
  const inputs = (side: number) => ({
    sample: noise(1, 4, side, side),
    timestep: value(Float32Array.of(400), [1]),
    context: noise(1, 7, 24),
  });

  it("attention in slices of the queries agrees with attention in one piece", async () => {
    const given = { ...weights, ...inputs(8) };
    const whole = await run({ out: trace(createSource(), 8) }, given);
    // 64 queries of 4 heads and 64 keys are 1024 bytes a query: 9 a slice, the last slice is shorter.
    const sliced = await run({ out: trace(createSource(), 8, 9 * 1024) }, given);
    for (const [i, expected] of whole.out.entries()) expect(sliced.out[i]).toBeCloseTo(expected, 5);
  });

  it("a size that is no multiple of 4 comes back as it went in", async () => {
    const out = trace(createSource(), 10);
    expect(out.shape).toEqual([1, 4, 10, 10]);
    const results = await run({ out }, { ...weights, ...inputs(10) });
    expect(results.out.every(Number.isFinite)).toBe(true);
  });

  it("an adapter with B = 0 changes nothing; alpha scales what B adds", async () => {
    const given = { ...weights, ...inputs(8) };
    const adapted = async (alpha: number, b: number) => {
      const lora: LoraTargets = { rank: 2, alpha, targets: (module) => /to_v|conv1/.test(module) };
      const source = createSource(lora);
      const out = trace(source, 8);
      const initial = initialise(source.specs, createRng("lora"), (name) => /lora_/.test(name));
      const adapter = Object.fromEntries(
        Object.entries(initial).map(([name, { shape, data }]) => [
          name,
          f32(
            shape,
            name.includes("lora_B")
              ? new Float32Array(data.length).fill(b)
              : Float32Array.from(data),
          ),
        ]),
      );
      return (await run({ out }, { ...given, ...values(adapter) })).out;
    };
    const plain = (await run({ out: trace(createSource(), 8) }, given)).out;
    const distance = (a: Float32Array) =>
      Math.hypot(...Array.from(a, (x, i) => x - plain[i])) / Math.hypot(...plain);
    expect(distance(await adapted(2, 0))).toBeLessThan(1e-6);
    const [one, two] = [distance(await adapted(2, 0.002)), distance(await adapted(4, 0.002))];
    expect(one).toBeGreaterThan(1e-4);
    expect(two / one).toBeGreaterThan(1.8);
    expect(two / one).toBeLessThan(2.2);
  });
});

it("the pooled text is that of the first end token; of the highest id where eos is 2", async () => {
  const base = json("clip-text/config.json");
  const weights = values(componentWeights(base, arraysOf("clip-text/model.safetensors")));
  const tokens = [97, 5, 98, 6, 98, 98];
  for (const [eos, place] of [
    [98, 2],
    [5, 1],
    [2, 2],
  ]) {
    const config = parseClipText({ ...base, eos_token_id: eos });
    const { last, pooled } = clipText(createSource(), config, input("ids", [1, 6], "i64"));
    const results = await run({ last, pooled }, { ...weights, ids: ids(tokens, [1, 6]) });
    expect(results.pooled).toEqual(results.last.slice(24 * place, 24 * (place + 1)));
  }
});

it("PixelShuffle puts the pixels of a square in neighbouring planes, and back", async () => {
  const codec = parseCodec({ _class_name: "PixelShuffle", factor: 2 });
  expect(latentShape(codec, [2, 4])).toEqual([12, 1, 2]);
  const x = input("x", [1, 3, 2, 4]);
  const z = encode(createSource(), codec, x);
  const back = decode(createSource(), codec, z);
  const pixels = Float32Array.from({ length: 24 }, (_, i) => i);
  const results = await run({ z, back }, { x: value(pixels, [1, 3, 2, 4]) });
  // Rows 0 1 2 3 / 4 5 6 7 of the first plane: corners (0, 2), (1, 3), (4, 6), (5, 7).
  expect([...results.z.slice(0, 8)]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  expect(results.back).toEqual(pixels);
});

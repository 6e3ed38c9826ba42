import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { f32 } from "@tandem/core/tensor";
import { afterAll, describe, expect, it } from "vitest";
import { createModel, loadModel, saveModel } from "./diffusion-model";
import { openSafetensors, writeSafetensors } from "./files/weight-files";
import { createPipeline } from "./pipeline";
import { schedulerClasses } from "./schedulers/registry";
import {
  merges,
  randomStableDiffusion,
  smallTokenizer,
  smallVocabulary,
} from "./testing/random-folder";
import { wordTokenizer } from "./tokenizers/word-tokenizer";

const model = await randomStableDiffusion();
const pipeline = createPipeline(model);
afterAll(() => pipeline.close());
const request = { prompts: ["red", "blue bed"], seed: 1, steps: 2, guidance: 3 };
const difference = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

describe("a Stable Diffusion 1.x folder of random weights", () => {
  it("comes back from disk with the same tensors, configs and tokens", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tandem-folder-"));
    await saveModel(directory, model);
    const loaded = await loadModel(directory);
    expect(loaded.weights).toEqual(model.weights);
    expect(loaded.configs).toEqual(model.configs);
    expect(loaded.size).toEqual([64, 64]);
    expect(loaded.tokenizer.encode(["red"])).toEqual(model.tokenizer.encode(["red"]));
    await rm(directory, { recursive: true });
  });

  it("does not read what it needs not, whatever its dtype", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tandem-folder-"));
    await saveModel(directory, model);
    const path = join(directory, "text_encoder", "model.safetensors");
    const source = await openSafetensors(path);
    const ids = { dtype: "C64", shape: [1, 1], bytes: new Uint8Array(8) } as const;
    const name = "text_model.embeddings.position_ids";
    await writeSafetensors(path, {
      ...source,
      tensors: new Map([...source.tensors, [name, ids]]),
      read: async (other) => (other === name ? ids : source.read(other)),
    });
    await source.close();
    expect((await loadModel(directory)).weights).toEqual(model.weights);
    await rm(directory, { recursive: true });
  });

  it("paints the same bytes for the same request, others for another seed or prompt", async () => {
    const first = await pipeline.paint(request);
    expect(first.shape).toEqual([2, 64, 64, 3]);
    expect((await pipeline.paint(request)).data).toEqual(first.data);
    const other = await pipeline.paint({ ...request, seed: 2 });
    expect(difference(other.data, first.data)).toBeGreaterThan(10);
    const renamed = await pipeline.paint({ ...request, prompts: ["blue", "blue bed"] });
    const half = first.data.length / 2;
    expect(
      difference(renamed.data.subarray(0, half), first.data.subarray(0, half)),
    ).toBeGreaterThan(0);
    expect(difference(renamed.data.subarray(half), first.data.subarray(half))).toBe(0);
  });

  it("a picture does not depend on the batch it is in", async () => {
    const apart = createPipeline(model, { batchSize: 1 });
    const [together, single] = [await pipeline.paint(request), await apart.paint(request)];
    expect(difference(together.data, single.data)).toBeLessThanOrEqual(1);
    await apart.close();
  });

  it("guidance up to 1 asks for the prompt alone, in one pass; above 1 for both", async () => {
    const asked = new Set<string>();
    const { encode } = model.tokenizer;
    const tokenizer = {
      ...model.tokenizer,
      encode(texts: readonly string[]) {
        for (const text of texts) asked.add(text);
        return encode(texts);
      },
    };
    const listened = createPipeline({ ...model, tokenizer });
    const paint = async (guidance: number) => {
      asked.clear();
      const own = { ...request, prompts: ["red"], negative: "blue", guidance };
      const { data } = await listened.paint(own);
      return { data, asked: [...asked] };
    };
    const [none, one, more, two] = [
      await paint(0),
      await paint(1),
      await paint(1.001),
      await paint(3),
    ];
    expect(none).toEqual(one);
    expect(one.asked).toEqual(["red"]);
    expect(more.asked).toEqual(["red", "blue"]);
    expect(difference(more.data, one.data)).toBeLessThanOrEqual(1);
    expect(difference(two.data, one.data)).toBeGreaterThan(1);
    await expect(paint(-1)).rejects.toThrow(/guidance = -1/);
    await listened.close();
  });

  const variancePreserving = schedulerClasses.filter((name) => !name.startsWith("FlowMatch"));
  it.each(variancePreserving)("samples with %s", async (scheduler) => {
    const { data } = await pipeline.paint({ ...request, scheduler, rescale: 0.7 });
    // Noise that were not scaled, or numbers that are none, would give one colour.
    expect(new Set(data).size).toBeGreaterThan(30);
  });

  it("an adapter is merged in; one of no part of the model is refused", async () => {
    const name = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v";
    // not all alike: embeddings are normalised, their sum is 0
    const down = f32(
      [1, 16],
      Array.from({ length: 16 }, (_, i) => i % 2),
    );
    const adapter = (b: number, module = name) =>
      new Map([[module, { down, up: f32([16, 1], new Float32Array(16).fill(b)), alpha: 1 }]]);
    const plain = await pipeline.paint(request);
    const none = await pipeline.paint({ ...request, adapter: adapter(0) });
    expect(none.data).toEqual(plain.data);
    const changed = await pipeline.paint({ ...request, adapter: adapter(5) });
    expect(changed.data).not.toEqual(plain.data);
    await expect(
      pipeline.paint({ ...request, adapter: adapter(1, "text_encoder_2.q") }),
    ).rejects.toThrow(/text_encoder_2\.q/);
  });

  it("paints other sizes, refuses what is no multiple of 8, and stops when aborted", async () => {
    const wide = await pipeline.paint({ ...request, prompts: ["red"], size: [32, 64] });
    expect(wide.shape).toEqual([1, 32, 64, 3]);
    await expect(pipeline.paint({ ...request, size: [60, 64] })).rejects.toThrow(
      /60 is no multiple of 8/,
    );
    await expect(pipeline.paint({ ...request, size: [80_000, 80_000] })).rejects.toMatchObject({
      code: "too-large",
      message: "pictures of 80000 x 80000 pixels: at most 67108864, as 8192 x 8192 has",
    });
    const abort = new AbortController();
    const progress = () => abort.abort();
    await expect(pipeline.paint(request, { signal: abort.signal, progress })).rejects.toMatchObject(
      { code: "cancelled" },
    );
  });

  it("parts that do not fit each other are refused with both numbers", () => {
    const unet = { ...model.configs.unet, cross_attention_dim: 8 };
    expect(() => createModel({ ...model, configs: { ...model.configs, unet } })).toThrow(
      /cross_attention_dim.*8 and 16/,
    );
    const tokenizer = wordTokenizer({ words: Array(1000).fill("x"), buckets: 1 }, 8);
    expect(() => createModel({ ...model, tokenizer })).toThrow(/1004 ids, vocab_size is 519/);
  });
});

it("Stable Diffusion 2.x: v-prediction, linear projections, heads by level, its own padding", async () => {
  const second = await randomStableDiffusion(2);
  const painter = createPipeline(second);
  const { data } = await painter.paint({ ...request, prompts: ["red"] });
  expect(new Set(data).size).toBeGreaterThan(30);
  expect(second.weights["unet.mid_block.attentions.0.proj_in.weight"].shape).toEqual([16, 16]);
  await painter.close();
});

describe("tokenizers", () => {
  it("CLIP's: begin, merged pairs, end, padding; a long text is cut before its end", async () => {
    const { encode, size } = await smallTokenizer();
    const ids = smallVocabulary();
    const [begin, end] = [size - 2, size - 1];
    expect(size).toBe(256 + 256 + merges.length + 2);
    // "red" merges to one token; "bed" to b and ed</w>; capitals and spaces do not count.
    const row = [begin, ids["red</w>"], ids.b, ids["ed</w>"], end];
    expect([...encode(["  RED bed "]).subarray(0, 6)]).toEqual([...row, end]);
    const long = encode(["red ".repeat(100)]);
    expect(long).toHaveLength(77);
    expect([long[0], long[75], long[76]]).toEqual([begin, ids["red</w>"], end]);
    expect([...encode([""]).subarray(0, 3)]).toEqual([begin, end, end]);
    // Stable Diffusion 2.x pads with "!".
    const other = await smallTokenizer("!");
    expect([...other.encode([""]).subarray(0, 3)]).toEqual([begin, end, ids["!"]]);
  });

  it("words': ids of the vocabulary between the two that follow it", () => {
    const { encode, size, length } = wordTokenizer({ words: ["cat", "dog"], buckets: 1 }, 5);
    expect([size, length]).toEqual([6, 5]);
    // 0 pads nothing here, 1 is the bucket, cat 2, dog 3, begin 4, end 5.
    expect([...encode(["Dog cat", "a cat a dog", ""])]).toEqual([
      ...[4, 3, 2, 5, 5],
      ...[4, 1, 2, 1, 5],
      ...[4, 5, 5, 5, 5],
    ]);
  });
});

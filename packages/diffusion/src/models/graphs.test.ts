import { createRng } from "@tandem/core/rng";
import type { Arrays } from "@tandem/core/tensor";
import { packed, viewsOf } from "@tandem/graph/layout";
import { compile, floats, ids, type Values, value } from "@tandem/graph/onnx-session";
import { compileStateful } from "@tandem/graph/stateful";
import { expect, it } from "vitest";
import { fillZeros } from "../testing/two-colours";
import { parseClipText } from "./clip-text";
import { traceDenoiser, traceStep, traceText, traceTraining, weightedLoss } from "./graphs";
import { initialise } from "./parameters";
import { createSource, type LoraTargets, type Source } from "./source";
import { parseUnet } from "./unet-config";

const text = parseClipText({
  vocab_size: 20,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 6,
  eos_token_id: 19,
});
const config = parseUnet({
  in_channels: 12,
  out_channels: 12,
  block_out_channels: [8, 16],
  layers_per_block: 1,
  down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
  up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
  cross_attention_dim: 16,
  attention_head_dim: 2,
  norm_num_groups: 4,
  class_embed_type: "projection",
  projection_class_embeddings_input_dim: 16,
});
const shape = { batch: 2, length: 5, latents: [12, 4, 4] } as const;
const lossOf = (p: Source) =>
  weightedLoss(traceDenoiser(p, config, shape, traceText(p, text, shape)));

const rng = createRng("graphs");
const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
const [sample, target] = [numbers(2 * 192), numbers(2 * 192)];
const batch = (t: number): Values => ({
  ids: ids([3, 4, 19, 19, 19, 5, 6, 7, 19, 19], [2, 5]),
  sample: value(sample, [2, 12, 4, 4]),
  target: value(target, [2, 12, 4, 4]),
  timestep: value(Float32Array.of(10, 900), [2]),
  weights: value(Float32Array.of(1, 0.5), [2]),
  learningRate: value(Float32Array.of(1e-2), []),
  correction1: value(Float32Array.of(1 - 0.9 ** t), []),
  correction2: value(Float32Array.of(1 - 0.999 ** t), []),
});

/** Ten steps on one batch: the losses, and what was trained. */
async function train(trained: (name: string) => boolean, lora?: LoraTargets, base: Arrays = {}) {
  const training = traceTraining(lossOf, { trained, ...(lora && { lora }) });
  const initial = { ...initialise(training.specs, createRng("weights")), ...base };
  const data = Object.fromEntries(
    Object.entries(initial).map(([name, array]) => [name, Float32Array.from(array.data)]),
  );
  const frozen = [...training.specs].flatMap(([name, spec]) =>
    trained(name) ? [] : [[name, value(data[name], spec.shape)] as const],
  );
  const [count] = training.variable.shape;
  const zeros = () => value(new Float32Array(count), [count]);
  const step = await compileStateful(traceStep(training), {
    trained: value(packed(data, training.layout), [count]),
    "m:trained": zeros(),
    "v:trained": zeros(),
  });
  const losses: number[] = [];
  for (let t = 1; t <= 10; t++) {
    const { loss } = await step.run({ ...Object.fromEntries(frozen), ...batch(t) });
    losses.push(floats(loss)[0]);
  }
  const views = viewsOf(floats(step.state().trained), training.layout);
  await step.release();
  return { losses, views, specs: training.specs };
}

it("training all parameters of U-Net and text encoder lowers the loss", async () => {
  const { losses, views, specs } = await train(() => true);
  expect(losses[9]).toBeLessThan(0.8 * losses[0]);
  expect(Object.keys(views)).toEqual([...specs.keys()]);
  expect(Object.keys(views)).toContain("text_encoder.text_model.final_layer_norm.weight");
});

it("training an adapter alone lowers the loss that the frozen parameters gave", async () => {
  const base = initialise(traceTraining(lossOf, { trained: () => true }).specs, createRng("base"));
  fillZeros(base, () => rng.normal() / 10);
  const isAdapter = (name: string) => name.includes(".lora_");
  const targets = (module: string) => /^unet\..*(attn[12]\.to_|conv1$)/.test(module);
  const { losses, views } = await train(isAdapter, { rank: 2, targets }, base);
  expect(losses[9]).toBeLessThan(0.99 * losses[0]);
  expect(Object.keys(views).every(isAdapter)).toBe(true);
  const b = views["unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight"];
  expect(b.some((x) => x !== 0)).toBe(true);
});

it("text that was encoded before gives what the text encoder gives in the graph", async () => {
  const p = createSource();
  const joint = traceDenoiser(p, config, shape, traceText(p, text, shape));
  const parts = { ...initialise(p.specs, createRng("text")) };
  parts["unet.conv_out.weight"].data.set(numbers(12 * 8 * 9));
  const run = async (outputs: Parameters<typeof compile>[0], extra: Values) => {
    const graph = await compile(outputs);
    const given = Object.fromEntries(
      Object.entries(parts).map(([name, { data, shape: s }]) => [
        name,
        value(Float32Array.from(data), s),
      ]),
    );
    const named = { ...given, ...batch(1), ...extra };
    const results = await graph.run(
      Object.fromEntries(graph.inputs.map((name) => [name, named[name]])),
    );
    await graph.release();
    return results;
  };
  const { joint: expected } = await run({ joint }, {});
  const { last, pooled } = traceText(createSource(), text, shape);
  const encoded = await run({ last, pooled }, {});
  const { apart } = await run(
    { apart: traceDenoiser(createSource(), config, shape) },
    { context: encoded.last, pooled: encoded.pooled },
  );
  for (const [i, x] of floats(expected).entries()) expect(floats(apart)[i]).toBeCloseTo(x, 4);
});

import { about, fitOnce, labels } from "@tandem/client/testing/fit-once";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import { packPayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { beforeAll, expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { paintSet } from "../synthetic-set/painted-set";
import { wholeState } from "../testing/whole-state";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const rng = createRng("fedmmkt-bytes");
const unitRows = () =>
  f32(
    [6, 64],
    Array.from({ length: 6 }, () => {
      const row = Array.from({ length: 64 }, () => rng.normal());
      return row.map((value) => value / Math.hypot(...row));
    }).flat(),
  );
const [image, text] = [unitRows(), unitRows()];
const target = f32(
  [6, 2],
  Array.from(labels, (label) => [0.3 + 0.4 * label, 0.7 - 0.4 * label]).flat(),
);
const client = {
  id: clientId("c"),
  modality: "image",
  architecture: "mlp-image",
  samples: 6,
} as const;
const asked = about(2);
const state = wholeState({
  arrays: {
    ...asked.arrays,
    "g/image": image,
    "last/target": target,
    "last/confidence": f32([6], Array(6).fill(0.7)),
    "last/accepted": u8([6], Array(6).fill(1)),
    "last/image": image,
    "last/text": text,
  },
  meta: { ...asked.meta, prompts: ["a"], classes: 2, last: 1 },
});
const coarse = { answerPrecision: "coarse" };
const precisions = [{}, coarse] as const;
/** Of six descriptions two bits a number, at least. */
const saved = 6 * 64 * 0.25;

it("coarse answers are taken as fine ones are, in fewer bytes", async () => {
  const [fine, few] = await Promise.all(
    precisions.map(async (config: JsonObject) => {
      const settings = { localEpochs: 1, warmUpEpochs: 0, ...config };
      const { reply } = await fitOnce({
        strategy: strategyNamed("fedmmkt").client(settings),
        instruction: asked,
      });
      const bytes = await packPayload(reply.update);
      const update = await unpackPayload(bytes);
      expectUpload(strategyNamed("fedmmkt").server(config), state, client, update);
      return { bytes: bytes.length, update };
    }),
  );
  expect(few.update.encoding).toEqual({
    "p/image": "u8-shares",
    "z/image": "i4-rows",
    "critic/ratio": "f16",
  });
  few.update.arrays["z/image"].data.forEach((value, i) => {
    expect(Math.abs(Number(value) - Number(fine.update.arrays["z/image"].data[i]))).toBeLessThan(
      0.05,
    );
  });
  expect(few.bytes).toBeLessThan(fine.bytes - saved);
});

it("what is concluded travels in the same steps", async () => {
  const sizes = precisions.map(async (config) => {
    const { encoding, ...instruction } = strategyNamed("fedmmkt")
      .server(config)
      .instruct(state, client);
    const packed = await packPayload({ ...instruction, ...(encoding && { encoding }) });
    return { encoding, bytes: packed.length };
  });
  const [fine, few] = await Promise.all(sizes);
  expect(fine.encoding).toMatchObject({ target: "f16", image: "i8-rows", text: "i8-rows" });
  expect(few.encoding).toMatchObject({ target: "u8-shares", image: "i4-rows", text: "i4-rows" });
  expect(few.bytes).toBeLessThan(fine.bytes - 2 * saved);
});

it.each([
  [0, 512],
  [8, 8],
])("a set in %d colours, 0 for as painted, is seen in %d", async (colours, seen) => {
  const painted = u8(
    [2, 16, 16, 3],
    Array.from({ length: 512 }, (_, i) => [i & 255, i >> 8, 7]).flat(),
  );
  const env = {
    classes: ["dark", "bright"],
    rng: createRng("paint"),
    round: 1,
    teacher: {
      publicSet: { prompts: ["a", "b"], captions: ["a", "b"], labels: [0, 1] },
      generate: async () => painted,
    },
  } as unknown as ServerEnv;
  const config = { items: 2, samplingSteps: 1, guidance: 1, colours };
  const { images } = await paintSet(config, env);
  const pixels = Array.from({ length: 512 }, (_, i) => String(images.data.slice(3 * i, 3 * i + 3)));
  expect(new Set(pixels).size).toBe(seen);
});

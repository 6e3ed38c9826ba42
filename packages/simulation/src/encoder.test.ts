import type { OwnData } from "@tandem/client/own-data";
import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import type { EncoderReference } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { fruit } from "@tandem/datasets/testing/fruit-task";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import { readBackbone } from "@tandem/models/backbone/files";
import { type LayersEncoder, openEncoder } from "@tandem/models/backbone/layers-encoder";
import {
  type Folder,
  folderOf,
  reader,
  trainableModel,
} from "@tandem/models/backbone/testing/folders";
import { unpackPayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Sent } from "./observed-channel";
import { simulate } from "./simulate";
import { createCopyist } from "./testing/copyist";
import { clock, set as shipped } from "./testing/tiny-simulation";
import { tracesOf } from "./testing/traces";

let folder: Folder;
let encoder: EncoderReference;
const opened: LayersEncoder[] = [];
const files: typeof fetch = async (url) => {
  const file = folder[new URL(String(url)).pathname.replace("/backbones/small/", "")];
  return new Response(file?.slice() ?? null, { status: file ? 200 : 404 });
};
const open = async (reference: EncoderReference) => {
  const base = "http://tandem.test";
  const one = await openEncoder(reference, { base, fetch: files, reference: onCpu });
  opened.push(one);
  return one;
};

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
  folder = await folderOf(trainableModel());
  const { sha256 } = await readBackbone(reader(folder));
  const url = "/backbones/small/model.json";
  const numbers = { size: 8, features: 6, parameters: 4 * 28 + 2 * 4 + 6 * 5 };
  encoder = { url, sha256, normalisation: "0..1", ...numbers };
});
afterAll(() => {
  for (const one of opened) one.dispose();
});

/** Noise in which one class is red and the other blue, with a word for it. */
function set(name: string, size: number, hasCaptions: boolean): LabelledSet {
  const rng = createRng(name);
  const labels = Int32Array.from({ length: size }, (_, row) => row % 2);
  const pixel = (at: number) =>
    rng.integer(120) + (at % 3 === 2 * (Math.floor(at / 192) % 2) ? 100 : 0);
  return {
    size,
    labels,
    images: u8(
      [size, 8, 8, 3],
      Array.from({ length: 192 * size }, (_, at) => pixel(at)),
    ),
    ...(hasCaptions && {
      captions: Array.from(
        labels,
        (label, row) => `${["an apple", "a pear"][label]}, ${name} ${row}`,
      ),
    }),
  };
}
const own = ["ann", "ben", "cleo"].map((name, place): OwnData => {
  const hasCaptions = place === 2;
  return { train: set(name, 24, hasCaptions), heldOut: set(`${name}, held out`, 12, hasCaptions) };
});

async function run(strategy: string, strategyConfig: object = {}, reference = encoder) {
  const sent: Sent[] = [];
  const task = { ...fruit, encoder: reference, pictures: { ...fruit.pictures, size: 8 as 16 } };
  const result = await simulate({
    config: {
      name: strategy,
      strategy,
      strategyConfig: { localEpochs: 12, learningRate: 0.02, ...strategyConfig },
      dataset: "task-fruit",
      rounds: 2,
      seed: 1,
      slots: own.length,
      deadlineMs: 600_000,
    },
    clients: own.length,
    own,
    federate: (config, blobs) =>
      federateTask({ id: "task-fruit", task, createdAt: 0 }, undefined, config, blobs),
    openEncoder: open,
    teacher: async () => createCopyist(shipped),
    clock,
    onSent: (_slot, one) => sent.push(one),
  });
  return { ...result, sent };
}

const uploadsIn = (sent: readonly Sent[]) =>
  Promise.all(
    sent.flatMap((one) =>
      "blob" in one ? [unpackPayload(one.blob).then(({ arrays }) => arrays)] : [],
    ),
  );
/** Names of the encoder's weights in what was uploaded. */
const weightsIn = async (sent: readonly Sent[]) =>
  (await uploadsIn(sent)).flatMap(Object.keys).filter((name) => name.includes("image.own."));
const sendsWeights = (strategy: string) => strategyNamed(strategy).needs.sendsWeights === true;

const architectures = ["own-layers", "own-layers", "dual-own-layers-bag"];

it.each(["local", "fedavg", "lg-fedavg", "fd", "fedproto"])(
  "%s trains the task's encoder in every tab, and nothing of a sample leaves",
  async (strategy) => {
    opened.length = 0;
    const { view, sent } = await run(strategy);
    expect(view).toMatchObject({ status: "finished", measuredOn: "held-out" });
    expect(view.clients.map(({ architecture }) => architecture)).toEqual(architectures);
    for (const { accuracy } of view.clients) expect(accuracy).toBeGreaterThan(0.8);
    expect(opened).toHaveLength(1);
    expect(tracesOf(own, sent)).toEqual([]);
    expect((await weightsIn(sent)).length > 0).toBe(sendsWeights(strategy));
  },
  60_000,
);

it.each(["fedmmkt", "feddf"])(
  "%s teaches the task's encoder by what a teacher paints",
  async (strategy) => {
    const few = strategy === "fedmmkt" ? { items: 16, finetuneSteps: 0 } : {};
    const { view, sent } = await run(strategy, { localEpochs: 2, ...few });
    expect(view).toMatchObject({ status: "finished" });
    expect((await weightsIn(sent)).length > 0).toBe(sendsWeights(strategy));
    for (const { uploads } of view.rounds) expect(uploads).toBe(own.length);
  },
  60_000,
);

it("FedAvg uploads what is trained of it, moved from where it began, and none of its statistics", async () => {
  const { sent } = await run("fedavg");
  const uploads = await uploadsIn(sent);
  const names = [
    "conv.kernel",
    "conv.bias",
    "norm.gamma",
    "norm.beta",
    "dense.kernel",
    "dense.bias",
  ];
  expect(Object.keys(uploads[0]).filter((name) => name.startsWith("image.own"))).toEqual(
    names.map((name) => `image.own.${name}`).sort(),
  );
  const kernel = (round: number) => uploads[round]["image.own.conv.kernel"].data;
  expect(kernel(0)).not.toEqual(kernel(uploads.length - 1));
  const [ann, ben] = [0, 1].map((place) => kernel(place));
  expect(ann).not.toEqual(ben);
});

it("an encoder with other numbers than the task's is refused", async () => {
  const other = { ...encoder, parameters: 100 };
  await expect(run("local", {}, other)).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/has changed: parameters is 150, and was 100/),
  });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import { createRng } from "@tandem/core/rng";
import type { BackboneReference } from "@tandem/core/task";
import { f32 } from "@tandem/core/tensor";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { putSet } from "@tandem/datasets/task/put-set";
import { fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import { toOwnSet } from "@tandem/intake/own-data";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import { readSources } from "@tandem/intake/read-sources";
import { bytesOfPicture, fileOf } from "@tandem/intake/testing/pictures";
import { type Backbone, openBackbone } from "@tandem/models/backbone/backbone";
import { onePictureFeatures } from "@tandem/models/backbone/features";
import { readBackbone } from "@tandem/models/backbone/files";
import { type Folder, folderOf, reader, smallModel } from "@tandem/models/backbone/testing/folders";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Sent } from "./observed-channel";
import { simulate } from "./simulate";
import { createCopyist } from "./testing/copyist";
import { clock, set as shipped } from "./testing/tiny-simulation";
import { tracesOf } from "./testing/traces";

let folder: Folder;
let backbone: BackboneReference;
let task: typeof fruit;
let base = "";
let asked: string[] = [];
const server = createServer(({ url = "" }, response) => {
  asked.push(url);
  const file = folder[url.replace("/backbones/small/", "")];
  response.writeHead(file ? 200 : 404).end(file);
});
const opened: Backbone[] = [];
const open = async (reference: BackboneReference) => {
  const one = await openBackbone(reference, { base, reference: onCpu });
  opened.push(one);
  return one;
};
let own: readonly OwnData[];

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
  folder = await folderOf(smallModel(null));
  const { sha256 } = await readBackbone(reader(folder));
  const url = "/backbones/small/model.json";
  backbone = { url, sha256, normalisation: "0..1", size: 48, features: 6 };
  // As small as the copyist paints.
  task = { ...fruit, backbone, pictures: { ...fruit.pictures, size: 8 as 16 } };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  own = await Promise.all([
    brought("ann", { pictures: 30 }),
    brought("ben", { pictures: 25 }),
    brought("cleo", { pictures: 20, texts: 25 }),
    brought("dora", { texts: 25 }),
  ]);
});
afterAll(() => {
  for (const one of opened) one.dispose();
  server.close();
});

/** Files of 60 pixels that a colour and noise of their own tell apart, read as a tab reads them. */
async function brought(
  name: string,
  { pictures = 0, texts = 0 }: { readonly pictures?: number; readonly texts?: number },
): Promise<OwnData> {
  const rng = createRng(name);
  const files = await Promise.all(
    Array.from({ length: Math.max(pictures, texts) }, async (_, i) => {
      const [label, side] = [i % 2, 60];
      const data = Uint8Array.from(
        { length: side * side * 3 },
        (_, at) => rng.integer(80) + (at % 3 === 2 * label ? 170 : 0),
      );
      const raw = { raw: { width: side, height: side, channels: 3 } } as const;
      const path = `${["apple", "pear"][label]}/${i}`;
      return [
        ...(i < pictures
          ? [fileOf(`${path}.png`, await bytesOfPicture(sharp(data, raw).png()))]
          : []),
        ...(i < texts
          ? [fileOf(`${path}.txt`, `${name} wrote of ${["an apple", "a pear"][label]}, ${i}`)]
          : []),
      ];
    }),
  );
  const features = onePictureFeatures(await open(backbone));
  const intake = await readSources(files.flat(), { task, decoder: nodeDecoder, features });
  const set = toOwnSet(intake, task);
  return openOwnData(createMemoryClientStore(), "task-fruit").keep(set, {
    backbone: set.features && backbone,
  });
}

async function run(
  strategy: string,
  given = own,
  sets: { readonly test?: boolean; readonly strategyConfig?: object } = {},
) {
  const sent: Sent[] = [];
  const result = await simulate({
    config: {
      name: strategy,
      strategy,
      strategyConfig: sets.strategyConfig ?? { localEpochs: 20, learningRate: 0.02 },
      dataset: "task-fruit",
      rounds: 2,
      seed: 1,
      slots: given.length,
      deadlineMs: 600_000,
    },
    clients: given.length,
    own: given,
    async federate(config, blobs) {
      const test = sets.test ? { test: await putSet(blobs, fruitSet(8, 8)) } : {};
      return federateTask(
        { id: "task-fruit", task, createdAt: 0, ...test },
        undefined,
        config,
        blobs,
      );
    },
    openBackbone: open,
    teacher: async () => createCopyist(shipped),
    clock,
    onSent: (_slot, one) => sent.push(one),
  });
  return { ...result, sent };
}

it("own pictures are kept small, beside what the backbone makes of them at its own size", async () => {
  const { train, heldOut } = own[0];
  expect(train.images?.shape).toEqual([24, 8, 8, 3]);
  expect(train.features?.shape).toEqual([24, 6]);
  expect(heldOut.features?.shape).toEqual([6, 6]);
  const small = onePictureFeatures(await open({ ...backbone, size: 8 }));
  const ofSmall = await small.of(train.images?.data.slice(0, 8 * 8 * 3) ?? new Uint8Array());
  expect(Array.from(train.features?.data.slice(0, 6) ?? [])).not.toEqual(Array.from(ofSmall));
  const { features, present, size } = own[2].train;
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from(features?.data.subarray(6 * row, 6 * row + 6) ?? []),
  );
  expect(present?.image).toContain(0);
  for (const [row, values] of rows.entries())
    expect(values.some((value) => value !== 0)).toBe(present?.image?.[row] === 1);
  expect(own[3].train).not.toHaveProperty("features");
});

it.each(["local", "fedavg", "fedproto", "fd"])(
  "%s trains heads on features, measures on those that are held out, and sends none",
  async (strategy) => {
    asked = [];
    const { view, sent } = await run(strategy);
    expect(view).toMatchObject({ status: "finished", measuredOn: "held-out" });
    const names = view.clients.map(({ architecture }) => architecture);
    expect(names[2]).toBe("dual-backbone-bag");
    expect(names.slice(0, 2)).toEqual(
      strategy === "fedavg"
        ? ["backbone-linear", "backbone-linear"]
        : ["backbone-linear", "backbone-mlp"],
    );
    for (const { accuracy } of view.clients.slice(0, 2)) expect(accuracy).toBeGreaterThan(0.8);
    expect(tracesOf(own, sent)).toEqual([]);
    const leak = tracesOf(own, [{ blob: encodeLabelledSet(own[1].train) }]);
    expect(leak).toContain("features 3 of 1");
    expect(asked).toEqual([]); // features are there: nothing has to be made
  },
  60_000,
);

it.each(["synthetic-only", "creamfl", "fedmmkt"])(
  "%s: of what a teacher paints each tab makes features, with a backbone that is opened once",
  async (strategy) => {
    asked = [];
    const { view, sent } = await run(strategy, own.slice(0, 2), {
      strategyConfig: strategy === "fedmmkt" ? { localEpochs: 2, items: 16, finetuneSteps: 0 } : {},
    });
    expect(view).toMatchObject({ status: "finished" });
    for (const { uploads } of view.rounds) expect(uploads).toBe(2);
    expect(asked).toEqual(["/backbones/small/model.json", "/backbones/small/weights.bin"]);
    expect(tracesOf(own, sent)).toEqual([]);
  },
  60_000,
);

it("features decide: without what they tell, nothing is learned", async () => {
  const blind = own.slice(0, 2).map(({ train, heldOut }) => {
    const features = f32([train.size, 6], new Float32Array(train.size * 6).fill(1));
    return { train: { ...train, features }, heldOut, backbone };
  });
  const { view } = await run("local", blind);
  for (const { accuracy } of view.clients) expect(accuracy).toBeLessThan(0.8);
});

it("of a public test set the backbone makes features when it is measured on", async () => {
  asked = [];
  const { view } = await run("local", own.slice(0, 2), { test: true });
  expect(view).toMatchObject({ status: "finished", measuredOn: "public" });
  expect(asked).toEqual(["/backbones/small/model.json", "/backbones/small/weights.bin"]);
});

it("files that are others than the task's are refused by their hash", async () => {
  const right = folder;
  const weights = folder["weights.bin"].slice();
  weights[100] ^= 1;
  folder = { ...folder, "weights.bin": weights };
  const changed = expect.objectContaining({
    code: "corrupt",
    message: expect.stringMatching(/has changed: its SHA-256 is/),
  });
  await expect(brought("eve", { pictures: 20 })).rejects.toEqual(changed);
  await expect(run("local", own.slice(0, 1), { test: true })).rejects.toThrow(
    /has changed: its SHA/,
  );
  folder = right;
});

it("data whose features are missing or another backbone's is not trained on", async () => {
  const [{ train, heldOut }] = own;
  const { features: _, ...bare } = train;
  const { features: __, ...bareHeldOut } = heldOut;
  await expect(run("local", [{ train: bare, heldOut: bareHeldOut }])).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(/without what the study's backbone makes .*: bring your data/),
  });
  const other = { ...backbone, normalisation: "-1..1" } as const;
  await expect(run("local", [{ train, heldOut, backbone: other }])).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(/another backbone .*-1\.\.1.*0\.\.1.*: bring your data again/),
  });
  await expect(run("local", [{ train, heldOut }])).rejects.toThrow(/not said which backbone made/);
});

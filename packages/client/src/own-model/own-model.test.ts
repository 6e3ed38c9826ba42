import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import type { ClientStore } from "@tandem/core/stores";
import { f32, takeRows, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { loadPlain } from "@tandem/export/testing/plain-tfjs";
import { readBackbone } from "@tandem/models/backbone/files";
import { layersEncoder, openBroughtEncoder } from "@tandem/models/backbone/layers-encoder";
import {
  folderOf,
  reader,
  smallModel,
  trainableModel,
} from "@tandem/models/backbone/testing/folders";
import { createModel } from "@tandem/models/registry";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import * as tf from "@tensorflow/tfjs";
import { unzipSync } from "fflate";
import { beforeAll, expect, it } from "vitest";
import { openOwnData } from "../own-data";
import { type OwnEncoder, openOwnEncoder } from "../own-encoder";
import type { SessionHost } from "../session-host";
import { openClientMemory } from "../stored-context";
import { askOf, trainInSession } from "../testing/real-session";

beforeAll(async () => {
  await startNodeEngine();
});

/** Two classes of noise that brightness and a word tell apart, though not always. */
function pairs(size: number, salt: number): LabelledSet {
  const labels = Int32Array.from({ length: size }, (_, i) => i % 2);
  const noise = createRng(`pairs ${salt}`);
  const lights = Array.from(labels, (label) => noise.integer(120) + 50 * label);
  return {
    size,
    labels,
    images: u8(
      [size, 8, 8, 3],
      Uint8Array.from(
        Array.from({ length: size * 64 }, (_, i) => {
          const grey = noise.integer(80) + lights[Math.floor(i / 64)];
          return [grey, grey, grey];
        }).flat(),
      ),
    ),
    captions: Array.from(labels, (label, i) => `${label ? "bright" : "dark"} ${salt} ${i % 5}`),
  };
}
const picturesOf = ({ captions: _, ...set }: LabelledSet): LabelledSet => set;
const pictures = {
  offer: { modality: "image" as const, architecture: "mlp-image", classes: ["dark", "bright"] },
  shard: picturesOf(pairs(40, 1)),
  test: picturesOf(pairs(30, 2)),
};
const about = { name: "Light", description: "Is it?", publicLicence: "CC0-1.0" };

async function trained(rounds = 3): Promise<ClientStore> {
  const store = createMemoryClientStore();
  await trainInSession(store, { ...pictures, rounds });
  return store;
}

it("measures the model now, after its first round, and by what it gets right", async () => {
  const store = createMemoryClientStore();
  const state = await trainInSession(store, { ...pictures, rounds: 3 });
  const ask = askOf(store); // as after a reload: a new one over the same store
  expect(await ask("open", {})).toEqual({
    identity: 0,
    experiment: "Test",
    classes: ["dark", "bright"],
    modality: "image",
    architecture: "mlp-image",
    task: "classification",
    pictures: { size: 8, colour: false, background: expect.any(Number) },
    rounds: 3,
    trained: true,
  });
  expect(await ask("token", {})).toMatch(/./);
  const fractions: number[] = [];
  const before = tf.memory().numTensors;
  const result = await ask("result", {}, { progress: (fraction) => fractions.push(fraction) });
  expect(tf.memory().numTensors).toBe(before);
  expect(fractions.at(-1)).toBe(1);
  // What the session has reported, first and last.
  expect(state.history[2].accuracy).not.toBe(state.history[0].accuracy);
  expect(result.now.accuracy.share).toBe(state.history[2].accuracy);
  expect(result.before?.accuracy.share).toBe(state.history[0].accuracy);
  expect(result).toMatchObject({ measuredOn: "public", samples: 30, chance: 0.5, rounds: 3 });
  expect(result.alone).toBeUndefined();
  const { now, change, examples } = result;
  expect(now.confusion.flat().reduce((a, b) => a + b)).toBe(30);
  expect(now.classes.map(({ count }) => count)).toEqual([15, 15]);
  const { gained = 0, lost = 0 } = change ?? {};
  expect(gained - lost).toBe(now.accuracy.hits - (result.before?.accuracy.hits ?? 0));
  expect(examples.gained).toHaveLength(Math.min(12, gained));
  expect(examples.wrong).toHaveLength(Math.min(12, 30 - now.accuracy.hits));
  for (const { label, predicted } of examples.right) expect(predicted).toBe(label);
  for (const { label, predicted, picture } of examples.wrong) {
    expect(predicted).not.toBe(label);
    expect(picture?.rgba).toHaveLength(256);
  }
});

it("after one round there is no before, and without any nothing to ask", async () => {
  const ask = askOf(await trained(1));
  expect((await ask("result", {})).before).toBeUndefined();
  const fresh = askOf(await trained(0));
  expect(await fresh("open", {})).toMatchObject({ rounds: 0, trained: false });
  await expect(fresh("result", {})).rejects.toMatchObject({ code: "not-found" });
});

it("trains alone as the local strategy has done, bit for bit, and keeps it", async () => {
  const store = await trained();
  const result = await askOf(store)("alone", {});
  // This study was the local one: without the others it comes to the same.
  expect(result.alone).toEqual(result.now);
  const memory = openClientMemory(store, { experiment: "e1", identity: 0 });
  const weights = (await memory.context())?.context.weights;
  expect((await memory.model("alone"))?.weights).toEqual(weights);
  expect((await memory.model("first"))?.weights).not.toEqual(weights);
  expect((await askOf(store)("result", {})).alone).toEqual(result.alone);
});

it("is cancelled in the midst of training, and keeps nothing of it", async () => {
  const store = await trained();
  const abort = new AbortController();
  const asked = askOf(store)("alone", {}, { signal: abort.signal, progress: () => abort.abort() });
  await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await store.get("e1/0/alone")).toBeUndefined();
});

it("says what pictures are, as the model that it takes along does in plain tfjs", async () => {
  const ask = askOf(await trained());
  const { images = u8([0], []) } = pictures.test;
  const shares = await ask("classify", { images });
  expect(shares.shape).toEqual([30, 2]);
  for (let row = 0; row < 30; row++)
    expect(shares.data[2 * row] + shares.data[2 * row + 1]).toBeCloseTo(1, 5);
  const { now } = await ask("result", {});
  const said = Array.from({ length: 30 }, (_, row) => Number(shares.data[2 * row + 1] > 0.5));
  expect(said.filter((label, row) => label === row % 2)).toHaveLength(now.accuracy.hits);

  const zip = await ask("export", { about });
  const files = unzipSync(zip);
  const card = new TextDecoder().decode(files["README.md"]);
  expect(card).toContain("30 samples of the public test");
  expect(card).toContain("Local only, 3 rounds");
  const plain = await loadPlain(files);
  const input = tf.tidy(() => tf.tensor4d(Float32Array.from(images.data), [30, 8, 8, 3]).div(255));
  const outputs = [plain.predict(input)].flat();
  const found = await outputs[0].data();
  expect(found).toHaveLength(60);
  const apart = Array.from(found, (share, i) => Math.abs(share - shares.data[i]));
  expect(Math.max(...apart)).toBeLessThan(1e-5);
  for (const tensor of [input, ...outputs]) tensor.dispose();
  plain.dispose();
});

it("searches the own data of a model that has learned to match pairs, and of no other", async () => {
  const store = createMemoryClientStore();
  await trainInSession(store, {
    offer: {
      modality: "image-text",
      architecture: "dual-mlp-bag",
      classes: ["dark", "bright"],
      task: "both",
      strategyConfig: { localEpochs: 10, warmUpEpochs: 0, batchSize: 8, learningRate: 0.01 },
    },
    words: ["bright", "dark"],
    shard: pairs(40, 1),
    test: pairs(30, 2),
    rounds: 1,
  });
  const ask = askOf(store);
  const hits = await ask("search", { like: { captions: ["bright"] }, count: 8 });
  expect(hits).toHaveLength(8);
  expect(hits.filter(({ sample }) => sample.label === "bright").length).toBeGreaterThan(5);
  expect(hits[0].score).toBeGreaterThanOrEqual(hits[7].score);
  const { images = u8([0], []) } = pairs(40, 1);
  const [same] = await ask("search", {
    like: { images: takeRows(images, Int32Array.of(7)) },
    count: 1,
  });
  expect(same.score).toBeCloseTo(1, 5);
  expect((await ask("result", {})).now.heads.map(({ modality }) => modality)).toEqual([
    "image",
    "text",
  ]);
  await expect(
    askOf(await trained(1))("search", { like: { images }, count: 1 }),
  ).rejects.toMatchObject({ code: "not-supported" });
});

it("measures on the own samples that are held out, and is still there when they are not", async () => {
  const store = createMemoryClientStore();
  const own = openOwnData(store, "task-a");
  await own.write({ train: pictures.shard, heldOut: pictures.test });
  await trainInSession(store, { offer: pictures.offer, task: "task-a", rounds: 2 });
  const ask = askOf(store);
  expect(await ask("result", {})).toMatchObject({ measuredOn: "held-out", samples: 30 });
  await own.remove();
  await expect(askOf(store)("result", {})).rejects.toMatchObject({ code: "not-found" });
  const { images = u8([0], []) } = pictures.test;
  expect((await ask("classify", { images })).shape).toEqual([30, 2]);
  const card = unzipSync(await ask("export", { about }))["README.md"];
  expect(new TextDecoder().decode(card)).toContain("It was not measured.");
});

it("with an encoder of the study it is measured, used and taken along as any other", async () => {
  const folder = await folderOf(trainableModel());
  const files = await readBackbone(reader(folder));
  const numbers = { size: 8, features: 6, parameters: 150 };
  const pinned = { sha256: files.sha256, normalisation: "0..1", ...numbers } as const;
  const encoder = { url: "/backbones/own/model.json", ...pinned };
  const asked: unknown[] = [];
  const opened = await layersEncoder(files, encoder);
  const openEncoder: SessionHost["openEncoder"] = async (reference) => {
    asked.push(reference);
    return {
      createModel: (options) => createModel({ ...options, encoder: opened.make }),
      encoder: opened.source,
    };
  };
  const store = createMemoryClientStore();
  const offer = { ...pictures.offer, architecture: "own-layers", encoder };
  const state = await trainInSession(store, { ...pictures, offer, openEncoder, rounds: 2 });
  const ask = askOf(store, { openEncoder });
  const { now } = await ask("result", {});
  expect(now.accuracy.share).toBe(state.history[1].accuracy);
  expect((await ask("alone", {})).alone).toEqual(now);
  expect(asked.every((one) => JSON.stringify(one) === JSON.stringify(encoder))).toBe(true);
  const { images = u8([0], []) } = pictures.test;
  const shares = await ask("classify", { images });
  const plain = await loadPlain(unzipSync(await ask("export", { about })));
  const input = tf.tidy(() => tf.tensor4d(Float32Array.from(images.data), [30, 8, 8, 3]).div(255));
  const [output] = [plain.predict(input)].flat();
  const apart = Array.from(await output.data(), (share, i) => Math.abs(share - shares.data[i]));
  expect(Math.max(...apart)).toBeLessThan(1e-5);
  tf.dispose([input, output]);
  plain.dispose();
  opened.dispose();
  await expect(askOf(store)("result", {})).rejects.toMatchObject({ code: "not-supported" });
});

it("with an encoder of one's own it is of use as long as that is there", async () => {
  const folder = await folderOf(trainableModel());
  const { sha256 } = await readBackbone(reader(folder));
  const numbers = { size: 8, features: 6, parameters: 150 };
  const brought = {
    files: folder,
    manifest: "model.json",
    pinned: { sha256, normalisation: "0..1", ...numbers } as const,
  };
  const openEncoder: SessionHost["openEncoder"] = async (encoder) => {
    const { make, source } = await openBroughtEncoder(encoder as OwnEncoder, {});
    return {
      createModel: (options) => createModel({ ...options, encoder: make }),
      encoder: source,
    };
  };
  const store = createMemoryClientStore();
  const own = openOwnEncoder(store, "e1");
  await own.write(brought);
  const offer = { ...pictures.offer, architecture: "own-layers" };
  const state = await trainInSession(store, { ...pictures, offer, openEncoder, rounds: 2 });
  const ask = () => askOf(store, { openEncoder })("result", {});
  expect((await ask()).now.accuracy.share).toBe(state.history[1].accuracy);
  await own.remove();
  await expect(ask()).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringMatching(/bring the same files again/),
  });
  await own.write(brought);
  expect((await ask()).rounds).toBe(2);
});

it("refuses what cannot be asked, and says why", async () => {
  const ask = askOf(await trained(1));
  // What a page posts need not be what its types say.
  const images = (shape: readonly number[], count: number) => ({
    ...u8([count], new Uint8Array(count)),
    shape,
  });
  const refused = (asks: Parameters<typeof ask<"classify">>[1]) =>
    expect(ask("classify", asks)).rejects;
  await refused({ images: images([1, 9, 9, 3], 243) }).toMatchObject({
    code: "bad-data",
    message: "Pictures of shape [1,9,9,3]: this model reads [1,8,8,3].",
  });
  await refused({ images: images([2, 8, 8, 3], 192) }).toMatchObject({ code: "bad-data" });
  await refused({ images: images([0, 8, 8, 3], 0) }).toMatchObject({ code: "bad-data" });
  await refused({ images: images([257, 8, 8, 3], 257 * 192) }).toMatchObject({ code: "too-large" });
  await refused({ captions: ["dark"] }).toThrow("This model reads no texts.");
  const none = askOf(createMemoryClientStore());
  expect(await none("open", {})).toBeUndefined();
  await expect(none("result", {})).rejects.toMatchObject({ code: "not-found" });
});

it("is gone when the participant deletes it", async () => {
  const store = await trained();
  await askOf(store)("alone", {});
  await openClientMemory(store, { experiment: "e1", identity: 0 }).clear();
  expect(await store.keys()).toEqual([]);
});

it("on a backbone it is measured by features, shown pictures of its size, and taken along whole", async () => {
  const withFeatures = (size: number, salt: number): LabelledSet => {
    const set = picturesOf(pairs(size, salt));
    const noise = createRng(`features ${salt}`);
    const data = Float32Array.from(
      { length: size * 6 },
      (_, i) => noise.integer(100) / 100 + (i % 6 === set.labels[Math.floor(i / 6)] ? 1 : 0),
    );
    return { ...set, features: f32([size, 6], data) };
  };
  const files = await readBackbone(reader(await folderOf(smallModel(null))));
  const backbone = {
    url: "/backbones/small/model.json",
    sha256: "0a".repeat(32),
    normalisation: "0..1",
    size: 48,
    features: 6,
  } as const;
  const store = createMemoryClientStore();
  await openOwnData(store, "task-a").write({
    train: withFeatures(40, 1),
    heldOut: withFeatures(20, 2),
    backbone,
  });
  await trainInSession(store, {
    offer: { ...pictures.offer, architecture: "backbone-linear", backbone },
    task: "task-a",
    rounds: 3,
  });
  const ask = askOf(store, { backbone: files });
  expect(await ask("open", {})).toMatchObject({ pictures: { size: 48, colour: false } });
  const { now } = await ask("result", {});
  expect(now.accuracy.share).toBeGreaterThan(0.8); // of features that pictures do not tell
  const zip = await ask("export", { about });
  const { bytes, ...plan } = await ask("plan", {});
  expect(plan).toEqual({ holds: "model" });
  expect(bytes / zip.length).toBeCloseTo(1, 0);
  const plain = await loadPlain(unzipSync(zip));
  expect(plain.inputs[0].shape).toEqual([null, 48, 48, 3]);
  plain.dispose();
  await expect(askOf(store)("export", { about })).rejects.toMatchObject({ code: "bad-config" });
});

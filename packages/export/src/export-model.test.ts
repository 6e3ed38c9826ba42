import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { f32 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { shareOf } from "@tandem/evaluation/held-out";
import { createModel } from "@tandem/models/registry";
import { decodeSafetensors, encodeSafetensors } from "@tandem/protocol/safetensors";
import * as tf from "@tensorflow/tfjs";
import { build } from "esbuild";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportModel, modelFiles } from "./export-model";
import type { ModelToTake } from "./model-to-take";
import { loadPlain } from "./testing/plain-tfjs";

const vocabulary = { words: ["red", "round", "नीला", "红"], buckets: 5 };
const tokenizer = createTokenizer(vocabulary);
const classes = ["apple", "<b>pear</b>"];
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function taken(architecture: string): Promise<ModelToTake> {
  const options = { architecture, classes: 2, vocabularySize: tokenizer.size, imageSize: 16 };
  const model = createModel({ ...options, seed: 3 });
  const weights = await model.weights();
  const { modality } = model;
  model.dispose();
  return {
    architecture,
    weights,
    classes,
    ...(modality !== "text" && { imageSize: 16 }),
    ...(modality !== "image" && { vocabulary }),
    task: { name: "Fruit # 1", description: "What fruit\nis it?", publicLicence: "CC0-1.0" },
    training: { experiment: "exp-1", strategy: "FedMMKT", rounds: 5, data: "40 pictures" },
    results: [{ modality: "image", accuracy: shareOf(15, 20), on: "20 held-out pictures" }],
    history: [{ round: 1, accuracy: 0.5 }],
  };
}

beforeAll(async () => {
  await startNodeEngine();
});

const common = [
  "README.md",
  "classes.json",
  "model.json",
  "model.onnx",
  "model.safetensors",
  "weights.bin",
];
const ofTexts = ["tokenizer.mjs", "tokenizer.py", "vocabulary.json"];

describe.each([
  ["vit", common],
  ["gru", [...common, ...ofTexts]],
  ["dual-cnn-bag", [...common, ...ofTexts]],
])("%s as a zip", (architecture, names) => {
  it("holds what tfjs opens, the weights and the classes, byte for byte the same each time", async () => {
    const model = await taken(architecture);
    const before = tf.memory().numTensors;
    const zip = await exportModel(model);
    expect(tf.memory().numTensors).toBe(before);
    expect(isSame(await exportModel(model), zip)).toBe(true);
    const files = unzipSync(zip);
    expect(Object.keys(files).sort()).toEqual([...names].sort());
    expect(JSON.parse(text(files["classes.json"]))).toEqual(classes);
    const { arrays, metadata } = decodeSafetensors(files["model.safetensors"]);
    expect(isSame(encodeSafetensors(arrays), encodeSafetensors(model.weights))).toBe(true);
    expect(metadata).toMatchObject({ architecture, experiment: "exp-1" });
    const loaded = await loadPlain(files);
    expect(loaded.outputNames[0]).toMatch(/_probabilities$/);
    loaded.dispose();
  });
});

describe("README.md", () => {
  it("says what it is, how well it does and how to load it", async () => {
    const card = text((await modelFiles(await taken("dual-cnn-bag")))["README.md"]);
    expect(card).toContain("# Fruit \\# 1\n\nWhat fruit is it?\n");
    expect(card).toContain("2 classes: apple, \\<b\\>pear\\</b\\>.");
    expect(card).toContain("CNN 16-32-64 and bag (`dual-cnn-bag`)");
    expect(card).toContain("FedMMKT, 5 rounds of experiment exp-1");
    expect(card).toContain(
      "- Pictures: 75.0 %, 15 of 20 right; with 95 % confidence between 53.1 % and 88.8 % (Wilson). Measured on 20 held-out pictures.",
    );
    expect(card).toContain("| 1 | 50.0 % |");
    expect(card).toContain("share 5 ids by a hash");
    expect(card).toContain("CC0-1.0");
  });

  it("says so where nothing was measured", async () => {
    const card = text((await modelFiles({ ...(await taken("bag")), results: [] }))["README.md"]);
    expect(card).toContain("It was not measured.");
    expect(card).not.toMatch(/pixels|PIL/);
  });

  it("brings pictures to the form of the study's", async () => {
    const cardOf = async (pictures: ModelToTake["pictures"]) =>
      text(
        (await modelFiles({ ...(await taken("vit")), ...(pictures && { pictures }) }))["README.md"],
      );
    const grey = await cardOf({ colour: false, background: 7 });
    expect(grey).toContain("tf.image.rgbToGrayscale(pixels).tile([1, 1, 3])");
    expect(grey).toContain('context.fillStyle = "rgb(7 7 7)"');
    expect(grey).toContain('.convert("L").convert("RGB")');
    expect(grey).toContain("ImageOps.pad(picture, (16, 16), color=(7, 7, 7))");
    expect(await cardOf(undefined)).not.toContain("Grayscale");
  });
});

describe("a tokenizer that goes along", () => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-export-"));
  const texts = [
    "",
    "Red, ROUND; unknown!",
    "नीला घेरा",
    "红苹果 red红",
    "ΟΔΟΣ Ünïcode e\u0301 été",
    "𝒜𝓑 x\u0301 ７",
    "a b c d e f g h i j k l m n o p q r s",
  ];
  const expected = texts.map((own) => [...tokenizer.encode([own])]);
  const hasRegex = spawnSync("python3", ["-c", "import regex"]).status === 0;

  beforeAll(async () => {
    const files = await modelFiles(await taken("bag"));
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("in JavaScript gives our ids", () => {
    const script = `
      import { readFileSync } from "node:fs";
      import { encode } from "./tokenizer.mjs";
      const vocabulary = JSON.parse(readFileSync("vocabulary.json", "utf8"));
      console.log(JSON.stringify(JSON.parse(process.argv[1]).map((own) => encode(own, vocabulary))));`;
    const args = ["--input-type=module", "-e", script, JSON.stringify(texts)];
    expect(JSON.parse(execFileSync("node", args, { cwd: folder, encoding: "utf8" }))).toEqual(
      expected,
    );
  });

  it.skipIf(!hasRegex)("in Python, which has the regex module here, gives our ids", () => {
    const script = `
import json, sys
from tokenizer import encode
vocabulary = json.load(open("vocabulary.json"))
print([encode(own, vocabulary) for own in json.loads(sys.argv[1])])`;
    const args = ["-c", script, JSON.stringify(texts)];
    expect(JSON.parse(execFileSync("python3", args, { cwd: folder, encoding: "utf8" }))).toEqual(
      expected,
    );
  });
});

it("refuses what is missing or too large, and says the way out", async () => {
  const { imageSize: _, ...blind } = await taken("vit");
  await expect(exportModel(blind)).rejects.toMatchObject({ code: "bad-config" });
  const { vocabulary: __, ...mute } = await taken("bag");
  await expect(exportModel(mute)).rejects.toThrow("bag reads texts: give its vocabulary");
  const model = await taken("vit");
  const large = (more: Partial<ModelToTake>) => expect(exportModel({ ...model, ...more })).rejects;
  const array = f32([2 ** 24 + 1], new Float32Array(2 ** 24 + 1));
  await large({ weights: { array } }).toThrow("67.1 MB of weights: at most 67.1 MB");
  await large({ classes: new Array(1001).fill("x") }).toThrow("1001 classes: at most 1000");
  await large({ task: { ...model.task, name: "x".repeat(10_001) } }).toThrow(
    "a text of 10001 characters: at most 10000",
  );
  await large({ classes: ["one"] }).toMatchObject({ code: "bad-data" });
});

it("is made of what a tab's worker has", async () => {
  // Fails where a file imports one of Node's modules.
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL("export-model.ts", import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
  const packages = Object.keys(metafile.inputs).filter((path) => path.includes("node_modules/"));
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter((path) => /onnxruntime|tfjs-backend|\/tfjs\//.test(path))).toEqual([]);
});

import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNodeEngine } from "@tandem/engine/node";
import { readBackbone } from "@tandem/models/backbone/files";
import { folderOf, smallModel } from "@tandem/models/backbone/testing/folders";
import { afterAll, beforeAll, expect, it } from "vitest";
import { backboneCommand, checkModel } from "./backbone";

let directory: string;
const inside = (name: string) => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "backbone-"));
});
afterAll(() => rm(directory, { recursive: true }));

it("tells what a task pins of a model, or what is wrong with it", async () => {
  await startNodeEngine({ prefer: "wasm" });
  for (const [name, bytes] of Object.entries(await folderOf(smallModel())))
    await writeFile(inside(name), bytes);
  const options = { layer: "second", normalisation: "0..1" } as const;
  const pinned = { ...options, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), size: 8 };
  const model = inside("model.json");
  expect(await checkModel(model, options)).toEqual({
    ...pinned,
    features: 6,
    format: "layers",
    bytes: 4 * 334,
    layers: 3,
  });
  const encoder = await checkModel(model, { ...options, trained: true });
  expect(encoder).toEqual({ ...pinned, features: 6, parameters: 334 });
  await truncate(inside("weights.bin"), 1000);
  await expect(checkModel(model, options)).rejects.toThrow(/336 bytes of weights are missing/);
  await truncate(inside("weights.bin"), 1337);
  await expect(checkModel(model, options)).rejects.toThrow(/has 1337 bytes, and may have 1336/);
});

it("writes MobileNetV2 as a folder", async () => {
  const out = ["mobilenet", "--out", inside("mobilenet")];
  await backboneCommand().parseAsync(out, { from: "user" });
  const { format, bytes } = await readBackbone((path) => readFile(inside(`mobilenet/${path}`)));
  expect({ format, bytes }).toEqual({ format: "layers", bytes: 10_477_844 });
});

it.each(["no/such/model.json", "http://models.example/model.json"])("refuses %s", async (model) => {
  await expect(checkModel(model, { normalisation: "0..1" })).rejects.toMatchObject({
    name: "TandemError",
    message: expect.stringContaining(model),
  });
});

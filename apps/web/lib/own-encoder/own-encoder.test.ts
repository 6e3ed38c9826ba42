import "fake-indexeddb/auto";
import { openOwnEncoder } from "@tandem/client/own-encoder";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import {
  asBytes,
  type Folder,
  folderOf,
  jsonOf,
  smallModel,
  trainableModel,
} from "@tandem/models/backbone/testing/folders";
import { openIndexedDbClientStore } from "@tandem/storage/indexed-db";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, expect, it } from "vitest";
import type { AskedWorker } from "../ask-worker";
import { checkEncoder } from "./check-encoder";
import type { KeptEncoder, PageToEncoder } from "./messages";
import { createBroughtEncoder } from "./own-encoder";
import { serveEncoder } from "./serve-encoder";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

let databases = 0;
/** Checked and kept as in a browser, without the worker in between. */
function open() {
  const openStore = () => openIndexedDbClientStore(name);
  const name = `encoder-${databases++}`;
  const serve = serveEncoder(openStore, (files, options) => checkEncoder(files, options, onCpu));
  const worker: AskedWorker<PageToEncoder, KeptEncoder | undefined> = {
    onmessage: null,
    onerror: null,
    async postMessage(message) {
      worker.onmessage?.({ data: await serve(message) } as never);
    },
  };
  return { own: createBroughtEncoder("e1", () => worker), openStore };
}

const chosen = (folder: Folder): File[] =>
  Object.entries(folder).map(([name, bytes]) => new File([bytes.slice()], name));
const options = { normalisation: "0..1", openSize: 16 } as const;

it("a LayersModel that is checked is kept with its format, and opens as it was", async () => {
  const { own, openStore } = open();
  await own.look();
  expect(own.store.getState()).toEqual({ type: "none" });
  const folder = await folderOf(trainableModel());
  const brought = own.bring([...chosen(folder), new File(["?"], "notes.txt")], options);
  expect(own.store.getState()).toEqual({ type: "checking" });
  await brought;
  const bytes = folder["model.json"].length + folder["weights.bin"].length;
  expect(own.store.getState()).toEqual({
    type: "kept",
    kept: { size: 8, features: 6, parameters: 150, bytes },
  });
  const kept = await openOwnEncoder(await openStore(), "e1").read();
  expect(kept?.files).toEqual(folder); // what the model does not name is left out
  expect(kept?.pinned).toMatchObject({ normalisation: "0..1", size: 8 });
  await own.remove();
  expect(own.store.getState()).toEqual({ type: "none" });
});

it("one that leaves its size open is fed pictures of the study's", async () => {
  const { own } = open();
  await own.bring(chosen(await folderOf(smallModel(null))), { ...options, layer: "second" });
  expect(own.store.getState()).toMatchObject({ kept: { size: 16, features: 6 } });
});

const changed = async (change: (layer: { class_name: string; config: object }) => void) => {
  const folder = await folderOf(trainableModel());
  const json = jsonOf(folder);
  change((json.modelTopology.config.layers ?? json.modelTopology.config)[2]);
  return { ...folder, "model.json": asBytes(json) };
};
const dilated = () => {
  const model = tfl.sequential();
  model.add(tfl.layers.conv2d({ name: "a", filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }));
  model.add(tfl.layers.conv2d({ name: "wide", filters: 4, kernelSize: 3, dilationRate: 2 }));
  model.add(tfl.layers.globalAveragePooling2d({}));
  return folderOf(model);
};
const large = async () => {
  const folder = await folderOf(trainableModel());
  const json = jsonOf(folder);
  json.weightsManifest[0].weights[0].shape = [4096, 4097];
  return { ...folder, "model.json": asBytes(json) };
};
const without = async (name: string) => {
  const { [name]: _, ...rest } = await folderOf(trainableModel());
  return rest;
};

it.each<[string, () => Promise<Folder>, RegExp]>([
  [
    "a custom layer",
    () => changed((layer) => Object.assign(layer, { class_name: "Sharpen" })),
    /^model: layer "relu" is a Sharpen, which tfjs does not have: use a model of its own layers/,
  ],
  ["grey pictures", () => folderOf(smallModel(8, 1)), /its input is \[any,8,8,1\] of float32, not/],
  ["too many numbers", large, /its weights are 64 MiB, more than 64: use a smaller model/],
  ["a layer without a gradient", dilated, /layer "wide" has no gradient on wasm .*: replace it/],
  [
    "no model.json",
    () => without("model.json"),
    /^weights\.bin is not a model\.json: choose that together/,
  ],
  ["no weights", () => without("weights.bin"), /weights\.bin is missing: bring it too/],
])("a model with %s is refused, and the one before it is gone", async (_, folder, message) => {
  const { own, openStore } = open();
  await own.bring(chosen(await folderOf(smallModel())), options);
  expect(own.store.getState().type).toBe("kept");
  await own.bring(chosen(await folder()), options);
  expect(own.store.getState()).toEqual({
    type: "failed",
    message: expect.stringMatching(message),
  });
  expect(await openOwnEncoder(await openStore(), "e1").read()).toBeUndefined();
});

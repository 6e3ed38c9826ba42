import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { follow } from "@tandem/cli/harness/rest-client";
import type { OwnData } from "@tandem/client/own-data";
import { openClientMemory } from "@tandem/client/stored-context";
import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { loadPlain } from "@tandem/export/testing/plain-tfjs";
import { bytesOfPicture } from "@tandem/intake/testing/pictures";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { TaskView } from "@tandem/protocol/view";
import { tracesOf } from "@tandem/simulation/testing/traces";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { bringing, zipOf } from "./bringing";
import { everythingSent, keptStore, launch, sharedServer, test, tiny } from "./harness";
import { barriersOf, look } from "./looks";
import {
  convolution,
  convolved,
  type LayersFiles,
  layer,
  layersFiles,
  pool,
  smallFiles,
  writeLayers,
} from "./small-backbone";

test.use({
  launchOptions: {
    executablePath: chromiumPath(join(import.meta.dirname, "..")),
    args: [...chromiumFlags],
  },
});

const server = sharedServer();

/** With a batch norm and a dense layer: 6 features of 16 pixels, 222 numbers trained. */
const trainableFiles = (seed: string, norm = "BatchNormalization") =>
  layersFiles(
    [
      convolution("first", 16),
      layer(norm, { name: "norm" }),
      pool,
      layer("Dense", { name: "dense", units: 6, activation: "linear" }),
    ],
    {
      ...convolved,
      ...{ "norm/gamma": [6], "norm/beta": [6] },
      ...{ "norm/moving_mean": [6], "norm/moving_variance": [6] },
      ...{ "dense/kernel": [6, 6], "dense/bias": [6] },
    },
    seed,
  );

/** On the server, with the fields that pin them. */
async function served(name: string, files: LayersFiles) {
  await writeLayers(join(server.directory, "backbones", name), files);
  const sha256 = await sha256Hex(Buffer.concat([files.json, files.weights]));
  return { url: `/backbones/${name}/model.json`, sha256, normalisation: "0..1", features: 6 };
}

/** Another one, or in place of one that no experiment is on. */
async function defined(models: object, id?: string): Promise<TaskView> {
  const response = await fetch(new URL(id ? `/api/tasks/${id}` : "/api/tasks", server.url), {
    method: id ? "PUT" : "POST",
    body: JSON.stringify({
      name: "Fruit",
      classes: [{ name: "apple" }, { name: "pear" }],
      modalities: ["image"],
      pictures: { size: 16 },
      ...models,
    }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as TaskView;
}

const taskWith = async (change: object = {}, id?: string): Promise<TaskView> =>
  defined({ backbone: { ...(await served("small", smallFiles())), size: 48, ...change } }, id);

const study = (task: TaskView, change: object = {}) =>
  tiny({
    name: "Fruit with a backbone",
    strategy: "fedavg",
    dataset: task.id,
    rounds: 1,
    slots: 1,
    minClients: 1,
    strategyConfig: { localEpochs: 40, learningRate: 0.02 },
    ...change,
  });

/** Noise of 60 pixels, bright where it is a pear. */
async function picture(label: number, seed: number): Promise<Buffer> {
  const rng = createRng(`${label}/${seed}`);
  const bright = label * 127;
  const pixels = Uint8Array.from({ length: 60 * 60 * 3 }, () => rng.integer(128) + bright);
  const raw = { raw: { width: 60, height: 60, channels: 3 } } as const;
  return Buffer.from(await bytesOfPicture(sharp(pixels, raw).png()));
}

async function pictures(perClass: number) {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < perClass; i++)
    for (const [label, name] of ["apple", "pear"].entries())
      files[`${name}/${i}.png`] = await picture(label, i);
  return zipOf(files);
}

/** Own pictures of the classes, kept in the browser. */
async function keep(page: Page) {
  await bringing(page).files.setInputFiles(await pictures(15));
  await bringing(page).keep.click();
  await expect(page.getByText(/30 pictures kept in this browser/)).toBeVisible();
}

const finished = (id: string) =>
  follow(server.api, id, ({ status }) => status === "finished", { timeoutMs: 90_000 });

async function open(page: Page, id: string, query = "?backend=wasm") {
  await page.goto(`${server.url}/join/${id}${query}`);
  await expect(page.getByRole("region", { name: "Add data" })).toBeVisible();
}

test("a tab makes features of its pictures, trains a head on them, and uses it", async ({
  page,
}) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const id = await launch(server, study(await taskWith()));
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/backbones/")) asked.push(new URL(request.url()).pathname);
  });
  await open(page, id);
  await bringing(page).files.setInputFiles(await pictures(15));
  await expect(page.getByRole("heading", { name: "30 samples read" })).toBeVisible();
  expect(asked).toEqual(["/backbones/small/model.json", "/backbones/small/weights.bin"]);
  await bringing(page).keep.click();
  await expect(page.getByText(/30 pictures kept in this browser/)).toBeVisible();
  await bringing(page).join.click();
  const { clients } = await finished(id);
  expect(clients).toMatchObject([{ architecture: "backbone-linear", heldOut: 6 }]);
  expect(clients[0].accuracy).toBeGreaterThan(0.8);
  await page
    .getByRole("region", { name: "Try it" })
    .getByLabel("Pictures", { exact: true })
    .setInputFiles({ name: "new.png", mimeType: "image/png", buffer: await picture(1, 99) });
  const answers = page.getByRole("list", { name: "What your model says" });
  await expect(answers.getByRole("listitem").first()).toContainText(/pear/);
  expect(asked).toHaveLength(6); // by the worker that uses the model, and says what taking it along takes
  const taken = page.getByRole("region", { name: "Take it along" });
  await expect(taken).toContainText(/About \d+\.\d kB/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    taken.getByRole("button", { name: "Download your model" }).click(),
  ]);
  const files = unzipSync(await readFile(await download.path()));
  const shape = (await loadPlain(files)).inputs[0].shape;
  expect([shape, Object.keys(files)]).toEqual([
    [null, 48, 48, 3],
    expect.arrayContaining(["model.onnx"]),
  ]);
  expect(errors).toEqual([]);
});

test("what another backbone has read is not trained on, and the page asks for the pictures again", async ({
  page,
}) => {
  const task = await taskWith();
  const before = await server.api.create(study(task));
  await open(page, before.id);
  const join = bringing(page).join;
  await bringing(page).files.setInputFiles(await pictures(6));
  await bringing(page).keep.click();
  await expect(join).toBeEnabled();
  await fetch(new URL(`/api/experiments/${before.id}`, server.url), { method: "DELETE" });
  const { id } = await server.api.create(
    study(await taskWith({ normalisation: "-1..1" }, task.id)),
  );
  await open(page, id);
  await expect(
    page.getByRole("alert").filter({ hasText: /another backbone .* bring your pictures again/ }),
  ).toBeVisible();
  await expect(join).toBeDisabled();
  await bringing(page).files.setInputFiles(await pictures(6));
  await page.getByRole("button", { name: "Keep in place of what is there" }).click();
  await expect(page.getByText("10 to train on; 2 held back")).toBeVisible();
  await expect(join).toBeEnabled();
});

test("a backbone whose files have changed is refused, with the reason on the page", async ({
  page,
}) => {
  const id = await launch(server, study(await taskWith({ sha256: "0".repeat(64) })));
  await open(page, id);
  await bringing(page).files.setInputFiles(await pictures(1));
  await expect(
    page.getByRole("alert").filter({ hasText: "has changed: its SHA-256 is" }),
  ).toBeVisible();
});

test("a tab trains the task's encoder, and its owner takes it along", async ({ page }) => {
  const encoder = await served("own", trainableFiles("encoder"));
  const task = await defined({ encoder: { ...encoder, size: 16, parameters: 222 } });
  const id = await launch(server, study(task, { name: "Fruit with an encoder" }));
  await open(page, id);
  await expect(page.getByText("Use a model of your own")).toBeHidden();
  await keep(page);
  await bringing(page).join.click();
  const { clients } = await finished(id);
  expect(clients).toMatchObject([{ architecture: "own-layers", heldOut: 6 }]);
  expect(clients[0].accuracy).toBeGreaterThan(0.8);
  const button = page.getByRole("button", { name: "Download your model" });
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const files = unzipSync(await readFile(await download.path()));
  expect(Buffer.from(files["model.json"]).toString()).toContain("image_own");
});

test("an encoder without a gradient is refused by its layer, once each backend has been tried", async ({
  page,
}) => {
  const wide = layer("Conv2D", {
    ...{ name: "wide", filters: 6, kernel_size: [3, 3], strides: [1, 1] },
    ...{ dilation_rate: [2, 2], padding: "same" },
  });
  const weights = { ...convolved, "wide/kernel": [3, 3, 6, 6], "wide/bias": [6] };
  const encoder = await served(
    "wide",
    layersFiles([convolution("first", 16), wide, pool], weights),
  );
  const task = await defined({ encoder: { ...encoder, size: 16, parameters: 498 } });
  const id = await launch(server, study(task));
  await open(page, id, "");
  await keep(page);
  await bringing(page).join.click();
  await expect(
    page.getByRole("alert").filter({ hasText: 'layer "wide" has no gradient on cpu' }),
  ).toBeVisible({ timeout: 30_000 });
});

test("a participant's own model is checked, trained, and stays in the browser", async ({
  page,
}) => {
  const sent = everythingSent(page);
  const id = await launch(
    server,
    study(await defined({}), { name: "Fruit with models of our own", strategy: "fd" }),
  );
  await open(page, id);
  await keep(page);
  await page.getByText("Use a model of your own").click();
  const panel = page.getByRole("group").filter({ hasText: "Use a model of your own" });
  const bring = async ({ json, weights }: LayersFiles) =>
    panel.getByLabel("model.json and its weight files").setInputFiles([
      { name: "model.json", mimeType: "application/json", buffer: json },
      { name: "weights.bin", mimeType: "application/octet-stream", buffer: weights },
    ]);
  await bring(trainableFiles("mine", "Sharpen"));
  await expect(panel.getByRole("alert")).toContainText('layer "norm" is a Sharpen');
  const mine = trainableFiles("mine");
  await bring(mine);
  await expect(panel.getByRole("status")).toContainText("222 of its numbers are trained");
  await look(page, "own-encoder");
  expect(await barriersOf(page)).toEqual([]);
  await expect(page.getByText("your own, for pictures.")).toBeVisible();
  await bringing(page).join.click();
  const { clients } = await finished(id);
  expect(clients).toMatchObject([{ architecture: "own-layers", heldOut: 6 }]);
  expect(clients[0].accuracy).toBeGreaterThan(0.8);
  await expect(page.getByRole("button", { name: "Download your model" })).toBeVisible();

  const memory = openClientMemory(await keptStore(page), { experiment: id, identity: 0 });
  const trained = Object.entries((await memory.context())?.context.weights ?? {}).flatMap(
    ([name, { data }]) => (name.startsWith("image.own") ? [...data] : []),
  );
  expect(trained).toHaveLength(222);
  const start = new Float32Array(mine.weights.buffer, mine.weights.byteOffset);
  const own = [traced(start), traced(Float32Array.from(trained))];
  expect(
    Buffer.concat(sent.map((one) => ("blob" in one ? one.blob : Buffer.of()))).toString(),
  ).toContain(
    '"ownEncoder":true', // frames of the worker are among them
  );
  expect(tracesOf(own, sent)).toEqual([]);
  // Shows that a leak would be seen.
  const leak = Buffer.from(new Uint8Array(Float32Array.from(trained).buffer)).toString("base64");
  await page.evaluate((body) => fetch("/api/tasks", { method: "POST", body }), leak);
  expect(tracesOf(own, sent)).toContain("features 3 of 1");
});

/** Weights as what traces are looked for of, six at a time. */
function traced(weights: Float32Array): OwnData {
  const size = Math.floor(weights.length / 6);
  const features = f32([size, 6], weights.slice(0, 6 * size));
  const none = { size: 0, labels: new Int32Array() };
  return { train: { size, labels: new Int32Array(size), features }, heldOut: none };
}

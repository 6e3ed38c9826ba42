import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { follow } from "@tandem/cli/harness/rest-client";
import { createRng } from "@tandem/core/rng";
import { loadPlain } from "@tandem/export/testing/plain-tfjs";
import { bytesOfPicture } from "@tandem/intake/testing/pictures";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { TaskView } from "@tandem/protocol/view";
import { unzipSync, zipSync } from "fflate";
import sharp from "sharp";
import { launch, ownServer, tiny } from "./harness";
import { writeSmallBackbone } from "./small-backbone";

test.use({
  launchOptions: {
    executablePath: chromiumPath(join(import.meta.dirname, "..")),
    args: [...chromiumFlags],
  },
});

const server = ownServer();

/** Another one, or in place of one that no experiment is on. */
async function taskWith(change: object = {}, id?: string): Promise<TaskView> {
  const { json, weights } = await writeSmallBackbone(join(server.directory, "backbones/small"));
  const backbone = {
    url: "/backbones/small/model.json",
    sha256: await sha256Hex(Buffer.concat([json, weights])),
    normalisation: "0..1",
    size: 48,
    features: 6,
    ...change,
  };
  const response = await fetch(new URL(id ? `/api/tasks/${id}` : "/api/tasks", server.url), {
    method: id ? "PUT" : "POST",
    body: JSON.stringify({
      name: "Fruit",
      classes: [{ name: "apple" }, { name: "pear" }],
      modalities: ["image"],
      pictures: { size: 16 },
      backbone,
    }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as TaskView;
}

const study = (task: TaskView) =>
  tiny({
    name: "Fruit with a backbone",
    strategy: "fedavg",
    dataset: task.id,
    rounds: 1,
    slots: 1,
    minClients: 1,
    strategyConfig: { localEpochs: 40, learningRate: 0.02 },
  });

/** Noise of 60 pixels, bright where it is a pear. */
async function picture(label: number, seed: number): Promise<Buffer> {
  const rng = createRng(`${label}/${seed}`);
  const bright = label * 127;
  const pixels = Uint8Array.from({ length: 60 * 60 * 3 }, () => rng.integer(128) + bright);
  const raw = { raw: { width: 60, height: 60, channels: 3 } } as const;
  return Buffer.from(await bytesOfPicture(sharp(pixels, raw).png()));
}

async function zipOf(perClass: number) {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < perClass; i++)
    for (const [label, name] of ["apple", "pear"].entries())
      files[`${name}/${i}.png`] = await picture(label, i);
  const buffer = Buffer.from(zipSync(files, { level: 0 }));
  return { name: "mine.zip", mimeType: "application/zip", buffer };
}

const filesInput = (page: Page) => page.locator('input[type="file"]').first();

async function open(page: Page, id: string) {
  await page.goto(`${server.url}/join/${id}?backend=wasm`);
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
  await filesInput(page).setInputFiles(await zipOf(15));
  await expect(page.getByRole("heading", { name: "30 samples read" })).toBeVisible();
  expect(asked).toEqual(["/backbones/small/model.json", "/backbones/small/weights.bin"]);
  await page.getByRole("button", { name: "Keep in this browser" }).click();
  await expect(page.getByText(/30 pictures kept in this browser/)).toBeVisible();
  await page.getByRole("button", { name: "Join with this tab" }).click();
  const finished = await follow(server.api, id, ({ status }) => status === "finished", {
    timeoutMs: 90_000,
  });
  expect(finished.clients).toMatchObject([{ architecture: "backbone-linear", heldOut: 6 }]);
  expect(finished.clients[0].accuracy).toBeGreaterThan(0.8);
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
  const join = page.getByRole("button", { name: "Join with this tab" });
  await filesInput(page).setInputFiles(await zipOf(6));
  await page.getByRole("button", { name: "Keep in this browser" }).click();
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
  await filesInput(page).setInputFiles(await zipOf(6));
  await page.getByRole("button", { name: "Keep in place of what is there" }).click();
  await expect(page.getByText("10 to train on; 2 held back")).toBeVisible();
  await expect(join).toBeEnabled();
});

test("a backbone whose files have changed is refused, with the reason on the page", async ({
  page,
}) => {
  const id = await launch(server, study(await taskWith({ sha256: "0".repeat(64) })));
  await open(page, id);
  await filesInput(page).setInputFiles(await zipOf(1));
  await expect(
    page.getByRole("alert").filter({ hasText: "has changed: its SHA-256 is" }),
  ).toBeVisible();
});

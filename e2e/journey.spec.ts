import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, expect, type Locator, type Page } from "@playwright/test";
import { follow } from "@tandem/cli/harness/rest-client";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import { createRng } from "@tandem/core/rng";
import { createTokenizer } from "@tandem/core/tokenizer";
import { loadPlain } from "@tandem/export/testing/plain-tfjs";
import { nodeDecoder } from "@tandem/intake/pictures/node-decoder";
import { readPicture } from "@tandem/intake/pictures/read-picture";
import { fileOf } from "@tandem/intake/testing/pictures";
import { tracesOf } from "@tandem/simulation/testing/traces";
import * as tf from "@tensorflow/tfjs";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { bringing, openJoinPage, section, tableOf, zipOf } from "./bringing";
import { everythingSent, keptStore, ownServer, storedBytes, test } from "./harness";
import { barriersOf, inAllLooks, look } from "./looks";

const server = ownServer();
const format = { size: 16, colour: true, background: 255 } as const;
const perClass = 15;

let folder = "";
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-journey-"));
  for (const kind of ["apple", "pear"] as const)
    for (let i = 0; i < 3; i++) {
      const path = join(folder, "fruit", kind, `${i}.jpg`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await photograph(kind, 100 + i));
    }
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

/** As a phone saves it: an apple's upper half is bright, a pear's lower, once EXIF has turned it. */
async function photograph(kind: "apple" | "pear", seed: number): Promise<Buffer> {
  const rng = createRng(`${kind}/${seed}`);
  const side = 32;
  const isBright = (i: number) => i < (side * side * 3) / 2 === (kind === "apple");
  const pixels = Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => rng.integer(100) + (isBright(i) ? 150 : 0),
  );
  const [orientation, turn] = (
    [
      [1, 0],
      [6, 270],
      [3, 180],
      [8, 90],
    ] as const
  )[seed % 4];
  const raw = { width: side, height: side, channels: 3 } as const;
  const scaled = await sharp(pixels, { raw }).resize(640, 480, { fit: "fill" }).png().toBuffer();
  return sharp(scaled).rotate(turn).withMetadata({ orientation }).jpeg().toBuffer();
}

async function photographs(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < perClass; i++)
    for (const kind of ["apple", "pear"] as const)
      files[`mine/${kind}/${i}.jpg`] = await photograph(kind, i);
  return {
    ...files,
    "mine/apple/cut.jpg": (await photograph("apple", 99)).subarray(0, 2000),
    "mine/pear/empty.jpg": new Uint8Array(),
    "mine/notes.pdf": Buffer.from("%PDF-1.4"),
  };
}

/** What the browser keeps, which is what it trains on. */
async function keptData(page: Page, task: string): Promise<OwnData> {
  const data = await openOwnData(await keptStore(page), task).read();
  if (!data) throw new Error("this browser keeps no data for the task");
  return data;
}

/** The task and an experiment on it, in the dashboard; resolves with its id. */
async function makeStudy(browser: Browser): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const next = () => page.getByRole("button", { name: "Next" }).click();
  await page.goto(server.url);
  await page.getByRole("link", { name: "Study of your own" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Fruit of ours");
  await next();
  await page.getByText("Paste a list").click();
  await page.getByLabel("One class per line").fill("apple\npear");
  await page.getByRole("button", { name: "Add 2 classes" }).click();
  await next();
  await page.getByRole("checkbox", { name: "Captions", exact: true }).check();
  await page.getByRole("radio", { name: "16 × 16" }).check({ force: true });
  await next();
  await page.getByRole("heading", { name: "Models" }).waitFor();
  await next();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a folder: Public set" }).click();
  await (await chooser).setFiles(join(folder, "fruit"));
  await expect(page.getByText("6 samples", { exact: true })).toBeVisible();
  await page.getByLabel("Licence of the public set").fill("CC0-1.0");
  await next();
  await page.getByRole("radio", { name: "Nobody" }).check();
  await next();
  await page.getByRole("button", { name: "Create the task" }).click();

  await page.getByRole("link", { name: "New experiment on this task" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Fruit together");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("radio", { name: /^FD / }).check();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("Rounds", { exact: true }).fill("3");
  await page.getByLabel("Participants at most", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Create experiment" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText(/^Waiting for clients: 0 here, 2 needed/)).toBeVisible();
  const { pathname } = new URL(page.url());
  await page.close();
  return pathname.split("/").at(-1) ?? "";
}

/** The page of the model, once all rounds are over: what it says it can do, and what is in the zip. */
async function takeModel(page: Page) {
  const own = section(page, "Your model");
  await expect(own.getByRole("term")).toHaveText([
    "After its first round",
    "Now, after 3 rounds",
    "Alone, as many rounds",
  ]);
  const numbers = own.getByRole("definition");
  await expect(numbers.nth(1)).toHaveText(/^\d+\.\d %\d+ % to \d+ %$/);
  await expect(own).toContainText("of yours that it has not learned from");
  await expect(own).toContainText("Guessing reaches 50.0 %");
  await own.getByRole("button", { name: "Train it here" }).click();
  await expect(numbers.nth(2)).toHaveText(/^\d+\.\d %\d+ % to \d+ %$/, { timeout: 60_000 });
  const now = (await numbers.nth(1).textContent()) ?? "";
  const taken = section(page, "Take it along");
  const zip = await downloaded(page, taken.getByRole("button", { name: "Download your model" }));
  expect(zip.name).toBe("Fruit-together-model.zip");
  const files = unzipSync(zip.bytes);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(["README.md", "model.onnx", "model.safetensors"]),
  );
  expect(textOf(files["README.md"])).toContain(`: ${now.slice(0, now.indexOf("%") + 1)}, `);
  return { files, model: await loadPlain(files), now };
}

async function downloaded(page: Page, button: Locator) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** "apple 83 %", what the page says of the first thing that it was asked about. */
const saidOf = (page: Page) =>
  section(page, "Try it")
    .getByRole("list", { name: "What your model says" })
    .getByRole("listitem")
    .first();

/** Model and data; nothing is left in the browser. */
async function deleteAll(page: Page): Promise<void> {
  for (const [region, button] of [
    ["Take it along", "Delete it"],
    ["Data that you brought", "Delete data"],
  ] as const) {
    await section(page, region).getByRole("button", { name: button }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await expect(section(page, region)).toBeHidden();
  }
  expect(await page.evaluate(storedBytes)).toBe(0);
}

/** Brings photographs, looks them over and keeps them; resolves with what the browser keeps. */
async function bringPhotographs(page: Page, address: string, task: string): Promise<OwnData> {
  await openJoinPage(page, address);
  await look(page, "journey-join");
  await bringing(page).files.setInputFiles(zipOf(await photographs()));
  await expect(page.getByRole("heading", { name: "30 samples read" })).toBeVisible();
  await expect(bringing(page).counts).toHaveText([/apple\s*15/, /pear\s*15/]);
  await expect(page.getByText("3 files or lines left out")).toBeVisible();
  await look(page, "journey-review");
  await bringing(page).keep.click();
  await expect(page.getByText("24 to train on; 6 held back")).toBeVisible();
  const kept = await keptData(page, task);
  expect(kept.train.images?.shape).toEqual([24, 16, 16, 3]);
  expect(brightHalves(kept)).toEqual(Array.from(kept.train.labels ?? []));
  return kept;
}

/** What becomes of a model of captions; resolves once nothing is left in the browser. */
async function endWithCaptions(phone: Page, told: string): Promise<void> {
  const { files, model, now } = await takeModel(phone);
  expect(now).toContain(told);
  const text = "a round red one";
  await section(phone, "Try it").getByLabel("A text", { exact: true }).fill(text);
  await section(phone, "Try it").getByRole("button", { name: "Ask" }).click();
  await expect(saidOf(phone)).toContainText(text);
  const tokens = createTokenizer(JSON.parse(textOf(files["vocabulary.json"])));
  const ids = tf.tensor2d(tokens.encode([text]), [1, tokens.length], "int32");
  await agrees(phone, files, [model.predict(ids)].flat()[0]);
  expect(await barriersOf(phone)).toEqual([]);
  await look(phone, "journey-captions");
  await deleteAll(phone);
}

const percentOf = (share = Number.NaN) => `${(100 * share).toFixed(1)} %`;

test("a study from its making to the last byte deleted, with photographs and with captions", async ({
  browser,
}) => {
  const id = await makeStudy(browser);
  const address = `${server.url}/join/${id}`;
  const { config } = await server.api.view(id);
  const task = config.dataset;

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  let page = await context.newPage();
  const sent = everythingSent(page);
  const kept = await bringPhotographs(page, address, task);
  await bringing(page).join.click();

  const joined = () =>
    follow(server.api, id, ({ clients }) => clients.some(({ status }) => status === "ready"), {
      timeoutMs: 60_000,
    });
  await joined();
  await page.reload();
  await joined();
  await expect(section(page, "This tab")).toContainText("Connected");
  await page.getByText("Details of this device").click();
  await expect(page.getByText(/Chosen for this device: \S+, the largest of/)).toBeVisible();

  const other = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const phone = await other.newPage();
  await openJoinPage(phone, address);
  await bringing(phone).files.setInputFiles(tableOf(2 * perClass));
  await expect(bringing(phone).counts).toHaveText([/apple\s*15/, /pear\s*15/]);
  await bringing(phone).keep.click();
  await expect(phone.getByText(/30 captions kept in this browser/)).toBeVisible();
  await bringing(phone).join.click();
  await expect(section(phone, "This tab")).toBeInViewport();

  const over = ({ status }: { readonly status: string }) => status === "finished";
  const { clients, measuredOn, rounds } = await follow(server.api, id, over, {
    timeoutMs: 90_000,
  });
  expect(measuredOn).toBe("held-out");
  expect(rounds.map(({ uploads }) => uploads)).toEqual([2, 2, 2]);
  expect(clients).toMatchObject([
    { modality: "image", samples: 24, heldOut: 6 },
    { modality: "text", samples: 24, heldOut: 6 },
  ]);
  for (const { accuracy } of clients) expect(accuracy).toBeGreaterThan(0.5);
  await expect(page.getByText(/measured on 6 pictures that you held back/)).toBeVisible();

  await test.step("photographs at 1440 px", async () => {
    const own = section(page, "Your model");
    const { files, model, now } = await takeModel(page);
    expect(now).toContain(percentOf(clients[0].accuracy));
    const asked = await photograph("pear", 46);
    const chosen = { name: "new.jpg", mimeType: "image/jpeg", buffer: asked };
    const pictures = section(page, "Try it").getByLabel("Pictures", { exact: true });
    await pictures.setInputFiles([chosen]);
    await expect(saidOf(page).getByRole("img", { name: "new.jpg" })).toBeVisible();
    const read = await readPicture(fileOf("new.jpg", asked), format, nodeDecoder);
    if (!("picture" in read)) throw new Error(read.leftOut.sentence);
    const pixels = tf.tensor4d(
      Float32Array.from(read.picture.pixels, (one) => one / 255),
      [1, 16, 16, 3],
    );
    await agrees(page, files, [model.predict(pixels)].flat()[0]);
    expect(
      await farFromCard(page, textOf(files["README.md"]), asked, read.picture.pixels),
    ).toBeLessThan(8);
    await own.getByText("Which classes it mixes up").click();
    await expect(own.getByRole("rowheader")).toHaveCount(2);
    expect(await inAllLooks(page, barriersOf)).toEqual([]);
    await look(page, "journey-result");
    const broken = { ...chosen, name: "broken.jpg", buffer: Buffer.from("no") };
    await pictures.setInputFiles([chosen, { ...chosen, name: "older.jpg" }, broken]);
    await expect(section(page, "Try it").getByRole("alert")).toContainText("1 file is left out.");
    const table = await downloaded(page, page.getByRole("button", { name: /Download all 2/ }));
    expect(table.name).toBe("answers.csv");
    expect(textOf(table.bytes).split("\r\n")).toEqual([
      "file,class,confidence,second class,second confidence",
      expect.stringMatching(/^new\.jpg,[^,]+,[01]\.\d{4},[^,]+,0\.\d{4}$/),
      expect.stringMatching(/^older\.jpg,/),
      "",
    ]);

    expect(sent.length).toBeGreaterThan(20);
    const said = sent.map((one) => ("blob" in one ? Buffer.from(one.blob).toString("latin1") : ""));
    expect(said.join("\n")).toContain('"heldOut":6'); // frames of the worker are among them
    expect(tracesOf([kept], sent)).toEqual([]);
    // Shows that a leak would be seen.
    const leak = Buffer.from(kept.heldOut.images?.data.subarray(0, 768) ?? []).toString("base64");
    await page.evaluate((body) => fetch("/api/tasks", { method: "POST", body }), leak);
    expect(tracesOf([kept], sent)).toContain("picture 0 of 0");

    // Somebody comes back to it later.
    await page.close();
    page = await context.newPage();
    await page.goto(address);
    await expect(section(page, "This study has finished")).toBeVisible();
    await expect(section(page, "Your model").getByRole("definition")).toHaveText(
      [/^\d+\.\d %/, now, /^\d+\.\d %/],
      { timeout: 60_000 },
    );
    await look(page, "journey-again");
    await deleteAll(page);
  });

  await test.step("captions at 390 px", async () => {
    await phone.goto(`${server.url}/experiments/${id}`);
    await expect(
      phone.getByText("Mean on what participants held back, by modality."),
    ).toBeVisible();
    await look(phone, "journey-live");
    await phone.goto(server.url);
    await expect(phone.getByText("mean, held-back data")).toBeVisible();
    // The model is theirs, also when the study is gone.
    await fetch(`${server.url}/api/experiments/${id}`, { method: "DELETE" });
    await phone.goto(address);
    await expect(section(phone, "You took part in Fruit together")).toBeVisible();
    await endWithCaptions(phone, percentOf(clients[1].accuracy));
  });

  await context.close();
  await other.close();
});

/** Mean distance of a picture as the card's code makes it from what the study made of it, 0-255. */
async function farFromCard(page: Page, card: string, file: Buffer, pixels: Uint8Array) {
  const code = /const context = .*?drawImage.*?;/s.exec(card)?.[0];
  const drawn: readonly number[] = await page.evaluate(`(async () => {
    const img = new Image();
    img.src = "data:image/jpeg;base64,${file.toString("base64")}";
    await img.decode();
    ${code}
    const { width: side } = context.canvas;
    return Array.from(context.getImageData(0, 0, side, side).data).filter((_, i) => i % 4 < 3);
  })()`);
  expect(drawn).toHaveLength(pixels.length);
  return drawn.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]), 0) / drawn.length;
}

/** 0 where a picture that is trained on is brighter above, 1 where below. */
function brightHalves({ train: { images, size } }: OwnData): readonly number[] {
  if (!images) throw new Error("there are no pictures");
  const stride = images.data.length / size;
  const sum = (from: number, to: number) =>
    images.data.subarray(from, to).reduce((total, value) => total + value, 0);
  return Array.from({ length: size }, (_, i) => {
    const [start, middle, end] = [0, 0.5, 1].map((share) => (i + share) * stride);
    return sum(start, middle) > sum(middle, end) ? 0 : 1;
  });
}

/** What plain tfjs makes of the zip says the same as the page. */
async function agrees(
  page: Page,
  files: Readonly<Record<string, Uint8Array>>,
  output: tf.Tensor,
): Promise<void> {
  const classes: readonly string[] = JSON.parse(textOf(files["classes.json"]));
  const shares = Array.from(await output.data());
  const best = shares.indexOf(Math.max(...shares));
  const percent = Math.round(100 * shares[best]);
  await expect(saidOf(page)).toContainText(new RegExp(`${classes[best]}\\s*${percent} %`));
}
